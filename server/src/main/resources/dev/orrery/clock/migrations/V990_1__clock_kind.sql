-- On which clock the store is used, 'real' or 'virtual': told by its first use, for good. One row at
-- most. The number is high so that, in a store older than this table, what was done can be seen.
create table clock_kind (
  id   integer not null primary key,
  kind text    not null
);

insert into clock_kind (id, kind)
select 1, 'virtual'
where exists (select 1 from virtual_clock);

insert into clock_kind (id, kind)
select 1, 'real'
where not exists (select 1 from virtual_clock)
  and (exists (select 1 from job)
    or exists (select 1 from pipeline_run)
    or exists (select 1 from deployment)
    or exists (select 1 from outcome));
