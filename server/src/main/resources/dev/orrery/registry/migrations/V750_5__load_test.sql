-- What loads have shown of the versions that answered them; the newest 20 of each.
create table load_test (
  model   text   not null,
  seq     bigint not null,
  version text   not null,
  at      bigint not null,
  who     text   not null,
  detail  text   not null,
  primary key (model, seq)
);

create index load_test_version on load_test (model, version, seq);
