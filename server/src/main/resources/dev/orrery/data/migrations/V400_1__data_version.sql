-- Versions of datasets; detail is the whole record as JSON, the other columns are for looking up.
create table data_version (
  dataset     text    not null,
  major       integer not null,
  minor       integer not null,
  patch       integer not null,
  digest      text    not null,
  row_count   bigint  not null,
  known_until bigint  not null,
  created_at  bigint  not null,
  detail      text    not null,
  primary key (dataset, major, minor, patch)
);

create unique index data_version_digest on data_version (dataset, digest);
