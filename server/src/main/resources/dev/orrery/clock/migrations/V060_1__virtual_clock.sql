-- Where the virtual clock stood, if the store runs on one; one row at most.
create table virtual_clock (
  id     integer not null primary key,
  now_at bigint  not null
);
