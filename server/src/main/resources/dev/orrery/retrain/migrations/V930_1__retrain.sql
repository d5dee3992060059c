-- What was decided after each check of the monitor, on which signals. One row per check.
create table retrain_decision (
  endpoint       text    not null,
  check_end      bigint  not null,
  decided_at     bigint  not null,
  should_retrain integer not null,
  reasons        text    not null,
  missing        text    not null,
  signals        text    not null,
  verdict        text    not null,
  why            text    not null,
  primary key (endpoint, check_end)
);

-- The trainings that decisions started, and what became of them.
create table retrain_attempt (
  endpoint     text   not null,
  started_at   bigint not null,
  reasons      text   not null,
  from_version text   not null,
  to_version   text,
  training     text,
  state        text   not null,
  why          text   not null,
  updated_at   bigint not null,
  primary key (endpoint, started_at)
);

create unique index retrain_attempt_open on retrain_attempt (endpoint)
  where state in ('starting', 'training', 'canary');
