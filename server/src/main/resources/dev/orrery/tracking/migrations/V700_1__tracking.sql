-- Experiments; 0 is the one that runs go to when nobody names another.
create table experiment (
  id         bigint not null primary key,
  name       text   not null unique,
  created_at bigint not null,
  updated_at bigint not null
);

insert into experiment (id, name, created_at, updated_at) values (0, 'Default', 0, 0);

create table run (
  id         text   not null primary key,
  experiment bigint not null references experiment (id),
  name       text   not null,
  state      text   not null,
  started_at bigint not null,
  ended_at   bigint
);

create index run_newest on run (experiment, started_at, id);

create table run_param (
  run   text not null references run (id),
  name  text not null,
  value text not null,
  primary key (run, name)
);

create table run_tag (
  run   text not null references run (id),
  name  text not null,
  value text not null,
  primary key (run, name)
);

create index run_tag_value on run_tag (name, value);

-- The points of metrics. Not a number is is_nan 1 with the value 0; the infinities are themselves.
create table run_metric (
  run    text             not null references run (id),
  name   text             not null,
  step   bigint           not null,
  at     bigint           not null,
  value  double precision not null,
  is_nan smallint         not null,
  primary key (run, name, step, at, value, is_nan)
);

-- Per metric the greatest of its points by (step, at, value): the one that is shown.
create table run_metric_latest (
  run    text             not null references run (id),
  name   text             not null,
  step   bigint           not null,
  at     bigint           not null,
  value  double precision not null,
  is_nan smallint         not null,
  primary key (run, name)
);

create table run_artifact (
  run       text   not null references run (id),
  path      text   not null,
  digest    text   not null,
  size      bigint not null,
  stored_at bigint not null,
  primary key (run, path)
);
