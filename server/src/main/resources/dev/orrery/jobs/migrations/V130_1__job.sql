create table job (
  id text primary key,
  seq bigint not null unique,
  kind text not null,
  job_key text not null,
  payload text not null,
  state text not null,
  -- Raised each time a worker takes the job; a worker with an older one has lost it.
  epoch bigint not null default 0,
  -- Raised by the worker that runs the job, as long as it lives.
  beat bigint not null default 0,
  owner text,
  home text,
  failures bigint not null default 0,
  problem text,
  submitted_at bigint not null,
  ready_at bigint not null,
  ended_at bigint
);

create unique index job_unfinished on job (kind, job_key) where state in ('READY', 'RUNNING');

create index job_open on job (state, seq) where state in ('READY', 'RUNNING');
