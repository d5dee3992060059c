-- The home whose blobs and journals belong to these rows; one row at most.
create table store_home (
  id   integer not null primary key,
  home text    not null
);
