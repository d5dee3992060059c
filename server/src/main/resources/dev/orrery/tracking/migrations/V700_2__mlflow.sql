-- What MLflow's clients keep: soft deletion, tags of experiments, who started a run, and metrics in
-- series, so that a point costs a few numbers and not its run's id and name.

alter table experiment add column lifecycle text not null default 'active';
-- Where the artifacts of its runs go; empty for mlflow-artifacts:/ and the experiment's id.
alter table experiment add column location text not null default '';

create table experiment_tag (
  experiment bigint not null references experiment (id),
  name       text   not null,
  value      text   not null,
  primary key (experiment, name)
) ${clustered};

alter table run add column lifecycle text not null default 'active';
alter table run add column deleted_at bigint;
alter table run add column user_name text not null default '';
-- Empty for mlflow-artifacts:/ and the ids of its experiment and its own, then /artifacts.
alter table run add column location text not null default '';

drop index run_newest;
create index run_newest on run (experiment, lifecycle, started_at desc, id);
create index run_started on run (started_at desc, id);

-- Parameters and tags stand by their run; the index finds runs by the first 100 characters of a
-- value, because a whole one may be longer than an index takes.
create table param (
  run        text   not null references run (id),
  name       text   not null,
  value      text   not null,
  experiment bigint not null,
  primary key (run, name)
) ${clustered};
insert into param (run, name, value, experiment)
select p.run, p.name, p.value, r.experiment from run_param p join run r on r.id = p.run;
drop table run_param;
alter table param rename to run_param;
create index run_param_value on run_param (experiment, name, substr(value, 1, 100), run);

create table tag (
  run        text   not null references run (id),
  name       text   not null,
  value      text   not null,
  experiment bigint not null,
  primary key (run, name)
) ${clustered};
insert into tag (run, name, value, experiment)
select t.run, t.name, t.value, r.experiment from run_tag t join run r on r.id = t.run;
drop table run_tag;
alter table tag rename to run_tag;
create index run_tag_value on run_tag (experiment, name, substr(value, 1, 100), run);
create index run_tag_anywhere on run_tag (name, substr(value, 1, 100), run);

-- A metric of a run, with the greatest of its points by (step, at, value): the one that is shown.
-- Not a number is is_nan 1 with the value 0; the infinities are themselves. The experiment and the
-- start of the run stand here too, so that a search in order of a metric reads one index.
create table metric_series (
  id         ${identity},
  run        text             not null references run (id),
  name       text             not null,
  step       bigint           not null,
  at         bigint           not null,
  value      double precision not null,
  is_nan     smallint         not null,
  experiment bigint           not null,
  started_at bigint           not null,
  unique (run, name)
);
insert into metric_series (run, name, step, at, value, is_nan, experiment, started_at)
select m.run, m.name, m.step, m.at, m.value, m.is_nan, r.experiment, r.started_at
from run_metric_latest m join run r on r.id = m.run;

-- The points of metrics, in the order in which a history is told.
create table metric_point (
  series bigint           not null,
  at     bigint           not null,
  step   bigint           not null,
  value  double precision not null,
  is_nan smallint         not null,
  primary key (series, at, step, value, is_nan)
) ${clustered};
insert into metric_point (series, at, step, value, is_nan)
select s.id, m.at, m.step, m.value, m.is_nan
from run_metric m join metric_series s on s.run = m.run and s.name = m.name;
drop table run_metric;
drop table run_metric_latest;
create index metric_series_value
  on metric_series (experiment, name, is_nan, value, started_at, run desc);
