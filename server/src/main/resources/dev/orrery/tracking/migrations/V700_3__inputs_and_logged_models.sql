-- A dataset as runs name it: what it is called, the digest of what it held, and where it came from.
create table logged_dataset (
  id          text   not null primary key,
  experiment  bigint not null references experiment (id),
  name        text   not null,
  digest      text   not null,
  source_type text   not null,
  source      text   not null,
  shape       text,
  profile     text,
  unique (experiment, name, digest)
);

create index logged_dataset_name on logged_dataset (name, digest);

create table run_input (
  run     text not null references run (id),
  dataset text not null references logged_dataset (id),
  primary key (run, dataset)
);

create index run_input_dataset on run_input (dataset);

create table run_input_tag (
  run     text not null,
  dataset text not null,
  name    text not null,
  value   text not null,
  primary key (run, dataset, name),
  foreign key (run, dataset) references run_input (run, dataset)
);

-- Models that a run took ('input') or made ('output'); the model may be of another store.
create table run_model (
  run   text   not null references run (id),
  role  text   not null,
  model text   not null,
  step  bigint not null,
  primary key (run, role, model)
);

create index run_model_model on run_model (model, role);

-- A model that was logged on its own, whatever becomes of it in the registry.
create table logged_model (
  id             text   not null primary key,
  experiment     bigint not null references experiment (id),
  name           text   not null,
  model_type     text,
  source_run     text,
  status         text   not null,
  status_message text,
  artifact_uri   text   not null,
  created_at     bigint not null,
  updated_at     bigint not null,
  deleted_at     bigint
);

create index logged_model_newest on logged_model (experiment, created_at, id);
create index logged_model_run on logged_model (source_run);

create table logged_model_param (
  model text not null references logged_model (id),
  name  text not null,
  value text not null,
  primary key (model, name)
);

create table logged_model_tag (
  model text not null references logged_model (id),
  name  text not null,
  value text not null,
  primary key (model, name)
);

-- What was measured of a model, by which run and on which dataset. Not a number is is_nan 1, value 0.
create table logged_model_metric (
  model          text             not null references logged_model (id),
  name           text             not null,
  at             bigint           not null,
  step           bigint           not null,
  run            text             not null,
  value          double precision not null,
  is_nan         smallint         not null,
  dataset_name   text,
  dataset_digest text,
  primary key (model, name, at, step, run)
);

create index logged_model_metric_name on logged_model_metric (name, value);
