-- Versions of models; detail is the whole record as JSON but for its state, the other columns are
-- for looking up. seq counts a model's versions in the order in which they were registered.
create table model_version (
  model        text    not null,
  major        integer not null,
  minor        integer not null,
  patch        integer not null,
  seq          bigint  not null,
  run          text    not null,
  digest       text    not null,
  state        text    not null,
  state_reason text,
  state_at     bigint  not null,
  created_at   bigint  not null,
  detail       text    not null,
  primary key (model, major, minor, patch)
);

create unique index model_version_seq on model_version (model, seq);

create unique index model_version_run on model_version (model, run);
