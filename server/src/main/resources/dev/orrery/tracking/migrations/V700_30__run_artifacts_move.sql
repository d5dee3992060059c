-- The files of runs live in the part for artifacts from here on.
insert into artifact (owner, path, parent, digest, size, stored_at)
select 'run/' || run, path, rtrim(rtrim(path, replace(path, '/', '')), '/'), digest, size, stored_at
from run_artifact;

insert into artifact_folder (owner, path, parent)
with recursive up (owner, path) as (
  select 'run/' || run, rtrim(rtrim(path, replace(path, '/', '')), '/')
  from run_artifact
  union
  select owner, rtrim(rtrim(path, replace(path, '/', '')), '/')
  from up
  where path <> ''
)
select owner, path, rtrim(rtrim(path, replace(path, '/', '')), '/')
from up
where path <> '';

drop table run_artifact;
