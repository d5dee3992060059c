-- Registered models, whoever registered them: a project's pipeline or an MLflow client. next is the
-- number of the next version; it only rises. project is 1 if a pipeline has registered a version.
create table registered_model (
  name        text     not null primary key,
  description text,
  project     smallint not null,
  next        bigint   not null,
  created_at  bigint   not null,
  updated_at  bigint   not null
);

create index registered_model_updated on registered_model (updated_at);

create table registered_model_tag (
  model text not null references registered_model (name) on update cascade on delete cascade,
  name  text not null,
  value text not null,
  primary key (model, name)
);

-- Their versions. A deleted one stays as a tombstone with the stage Deleted, so that its number is
-- not used again. make is what it was made of, as far as that is known, as JSON.
create table registered_version (
  model          text    not null references registered_model (name) on update cascade
                         on delete cascade,
  version        bigint  not null,
  description    text,
  who            text    not null,
  source         text    not null,
  storage        text    not null,
  run            text,
  logged_model   text,
  run_link       text,
  stage          text    not null,
  status         text    not null,
  status_message text,
  major          integer not null,
  minor          integer not null,
  patch          integer not null,
  semver_reason  text    not null,
  make           text,
  manifest       text,
  created_at     bigint  not null,
  updated_at     bigint  not null,
  primary key (model, version)
);

create unique index registered_version_production on registered_version (model)
where stage = 'Production';

create unique index registered_version_semver on registered_version (model, major, minor, patch);

create index registered_version_run on registered_version (run);

create index registered_version_updated on registered_version (updated_at, model, version);

create table registered_version_tag (
  model   text   not null,
  version bigint not null,
  name    text   not null,
  value   text   not null,
  primary key (model, version, name),
  foreign key (model, version) references registered_version (model, version) on update cascade
    on delete cascade
);

create table registered_alias (
  model   text   not null,
  alias   text   not null,
  version bigint not null,
  primary key (model, alias),
  foreign key (model, version) references registered_version (model, version) on update cascade
    on delete cascade
);

create index registered_alias_version on registered_alias (model, version);

-- The versions that were in Production, in their order; a rollback takes the last one away.
create table registered_production (
  model   text   not null references registered_model (name) on update cascade on delete cascade,
  seq     bigint not null,
  version bigint not null,
  primary key (model, seq)
);

-- Who moved which stage or alias, when, why, and on which evidence. Kept when the model is deleted.
create table model_move (
  model    text   not null,
  seq      bigint not null,
  at       bigint not null,
  who      text   not null,
  kind     text   not null,
  version  bigint not null,
  was      text   not null,
  becomes  text   not null,
  why      text   not null,
  evidence text,
  primary key (model, seq)
);

-- Another person's word that a version may reach Production.
create table model_approval (
  model   text   not null,
  version bigint not null,
  who     text   not null,
  why     text   not null,
  at      bigint not null,
  primary key (model, version, who),
  foreign key (model, version) references registered_version (model, version) on update cascade
    on delete cascade
);

-- What pipelines registered before there was more.
insert into registered_model (name, description, project, next, created_at, updated_at)
select model, null, 1, max(seq) + 1, min(created_at), max(created_at)
from model_version
group by model;

insert into registered_version
  (model, version, description, who, source, storage, run, stage, status, major, minor, patch,
   semver_reason, created_at, updated_at)
select
  model, seq, null, 'orrery', 'runs:/' || run || '/model', 'runs:/' || run || '/model', run,
  case state when 'REGISTERED' then 'None' else 'Archived' end, 'READY', major, minor, patch,
  'registered by a pipeline', created_at, state_at
from model_version;
