-- What versions were deployed with: the blocks of the project's definitions, as JSON under the
-- SHA-256 of the text.
create table blueprint (
  digest text not null primary key,
  body   text not null
);

alter table deployment add column blueprint text;

-- Every column that requests to an endpoint have had.
create table request_column (
  endpoint text not null,
  name     text not null,
  primary key (endpoint, name)
);
