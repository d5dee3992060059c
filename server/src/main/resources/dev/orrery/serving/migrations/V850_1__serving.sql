-- What an endpoint serves now; detail is the whole state as JSON. One row per endpoint.
create table endpoint (
  name       text   not null primary key,
  state      text   not null,
  updated_at bigint not null
);

-- Every move of traffic, in order.
create table deployment (
  endpoint text    not null,
  seq      integer not null,
  kind     text    not null,
  version  text    not null,
  previous text,
  percent  integer not null,
  who      text    not null,
  why      text    not null,
  at       bigint  not null,
  primary key (endpoint, seq)
);

-- What became known of predictions; a prediction stands at (segment, frame, row_no) of the log.
create table outcome (
  segment      integer          not null,
  frame        bigint           not null,
  row_no       integer          not null,
  target       double precision not null,
  detail       text             not null,
  known_at     bigint           not null,
  effective_at bigint           not null,
  primary key (segment, frame, row_no)
);

create index outcome_effective on outcome (effective_at);

-- Column names and types of logged tables.
create table log_schema (
  id         bigint not null primary key,
  definition text   not null
);

-- Finished segments of the log: which event times they hold, so that a scan may pass them over.
create table log_segment (
  segment     integer not null primary key,
  first_event bigint  not null,
  last_event  bigint  not null,
  row_count   bigint  not null
);
