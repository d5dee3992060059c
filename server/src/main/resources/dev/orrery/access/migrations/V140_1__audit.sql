create table audit (
  seq bigint primary key,
  at bigint not null,
  who text not null,
  what text not null,
  target text not null,
  detail text not null,
  previous text not null,
  hash text not null
);
