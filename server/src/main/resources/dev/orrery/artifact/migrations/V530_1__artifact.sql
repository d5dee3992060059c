-- Files of runs and models: a path within its owner names a blob. parent is the path without its
-- last segment, empty at the top.
create table artifact (
  owner     text   not null,
  path      text   not null,
  parent    text   not null,
  digest    text   not null,
  size      bigint not null,
  stored_at bigint not null,
  primary key (owner, path)
) ${clustered};

create index artifact_parent on artifact (owner, parent);

create index artifact_digest on artifact (digest);

-- The folders that have a file somewhere below them.
create table artifact_folder (
  owner  text not null,
  path   text not null,
  parent text not null,
  primary key (owner, path)
) ${clustered};

create index artifact_folder_parent on artifact_folder (owner, parent);

-- Uploads that go on over several requests. kind is PARTS (numbered parts, joined at the end) or
-- STREAM (one draft that grows); secret is the SHA-256 of what its part addresses carry; digest and
-- state DONE once it has become an artifact.
create table upload (
  id         text   not null primary key,
  kind       text   not null,
  owner      text   not null,
  path       text   not null,
  secret     text   not null,
  who        text   not null,
  size       bigint,
  received   bigint not null,
  state      text   not null,
  digest     text,
  created_at bigint not null,
  expires_at bigint not null
);

create index upload_expiry on upload (expires_at);

create table upload_part (
  upload text   not null references upload (id),
  number bigint not null,
  draft  text   not null,
  size   bigint not null,
  digest text   not null,
  primary key (upload, number)
);
