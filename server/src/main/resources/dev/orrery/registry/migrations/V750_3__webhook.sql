-- Who wants to be told what happens to models. events is a list between commas: ,a.b,c.d,
create table webhook (
  id          text   not null primary key,
  name        text   not null,
  description text,
  url         text   not null,
  events      text   not null,
  secret      text,
  status      text   not null,
  created_at  bigint not null,
  updated_at  bigint not null
);
