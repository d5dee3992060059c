-- What a version consists of, signed when it was registered. body is the canonical JSON that the
-- signature is of; key_id names the key that made it.
create table model_manifest (
  model     text   not null,
  version   bigint not null,
  digest    text   not null,
  body      text   not null,
  files     bigint not null,
  bytes     bigint not null,
  key_id    text   not null,
  signature text   not null,
  made_at   bigint not null,
  primary key (model, version),
  foreign key (model, version) references registered_version (model, version) on update cascade
    on delete cascade
);
