-- Which columns and targets each feature of a version reads, a JSON object; null where an older
-- program wrote the version.
alter table feature_version add column reads text;
