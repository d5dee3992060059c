-- Writes that carried an Idempotency-Key, with what was answered; kept for a day.
create table once (
  principal text   not null,
  once_key  text   not null,
  request   text   not null,
  status    bigint not null,
  type      text   not null,
  answer    text   not null,
  at        bigint not null,
  primary key (principal, once_key)
);

create index once_oldest on once (at);
