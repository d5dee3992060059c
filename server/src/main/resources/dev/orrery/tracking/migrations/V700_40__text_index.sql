-- Runs whose texts were written since the index of texts read them, and how often. A search looks at
-- each of them, so that it misses nothing; the runs of an older store are read bit by bit.
create table run_unread (
  run   text   not null primary key,
  marks bigint not null
) ${clustered};

insert into run_unread (run, marks) select id, 1 from run;

-- Runs in the order in which the index read them: their ids, one a line.
create table text_segment (
  id   bigint not null primary key,
  runs text   not null
);

-- Which runs of a segment have three characters in a row somewhere: for each run a character, whose
-- code is the run's line plus 256. An empty gram has the runs with too many to note.
create table text_gram (
  gram    text   not null,
  segment bigint not null,
  runs    text   not null,
  primary key (gram, segment)
) ${clustered};
