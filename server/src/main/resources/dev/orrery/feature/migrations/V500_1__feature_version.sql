-- Versions of the feature definitions; definitions is their canonical text.
create table feature_version (
  major       integer not null,
  minor       integer not null,
  patch       integer not null,
  digest      text    not null unique,
  definitions text    not null,
  created_at  bigint  not null,
  primary key (major, minor, patch)
);
