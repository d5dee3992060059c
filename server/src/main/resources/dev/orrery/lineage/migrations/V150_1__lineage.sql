create table lineage (
  from_kind text not null,
  from_id text not null,
  to_kind text not null,
  to_id text not null,
  relation text not null,
  primary key (to_kind, to_id, from_kind, from_id, relation)
);

create index lineage_down on lineage (from_kind, from_id);
