-- Runs of the training pipeline; reasons, rejections and failure are JSON.
create table pipeline_run (
  id          text     not null primary key,
  seq         bigint   not null unique,
  project     text     not null,
  model       text     not null,
  renews      smallint not null,
  reasons     text     not null,
  known_until bigint   not null,
  state       text     not null,
  version     text,
  rejections  text     not null,
  failure     text,
  created_at  bigint   not null,
  ended_at    bigint
);

-- At most one run of a model is under way.
create unique index pipeline_run_open on pipeline_run (model) where state in ('WAITING', 'RUNNING');

-- Attempts at stages, in the order of seq; definitions is the digest of the project's definitions
-- that they went by, millis what they took by a stopwatch.
create table stage_run (
  pipeline_run text   not null references pipeline_run (id),
  stage        text   not null,
  attempt      bigint not null,
  seq          bigint not null,
  definitions  text   not null,
  state        text   not null,
  started_at   bigint not null,
  ended_at     bigint,
  millis       bigint,
  output       text,
  failure      text,
  primary key (pipeline_run, stage, attempt)
);
