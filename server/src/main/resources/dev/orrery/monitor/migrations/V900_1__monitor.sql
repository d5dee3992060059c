-- One row for each period that was checked: what was served, and the figures that rules look at.
create table monitor_check (
  endpoint     text             not null,
  period_start bigint           not null,
  period_end   bigint           not null,
  champion     text             not null,
  state        text             not null,
  predictions  bigint           not null,
  latency_p50  double precision,
  latency_p99  double precision,
  drift        text             not null,
  outcomes     bigint           not null,
  figures      text             not null,
  primary key (endpoint, period_start)
);

-- How good the answers of one period were, by the outcomes known at known_by; the series is what
-- was served, or what the first version says of the same rows. Cells are counts by score.
create table daily_performance (
  endpoint        text   not null,
  period_start    bigint not null,
  series          text   not null,
  period_end      bigint not null,
  known_by        bigint not null,
  predictions     bigint not null,
  true_positives  bigint not null,
  false_positives bigint not null,
  true_negatives  bigint not null,
  false_negatives bigint not null,
  auc_roc         double precision,
  log_loss        double precision,
  brier           double precision,
  cells           text   not null,
  primary key (endpoint, period_start, series)
);

-- Counts of one period's feature values, over the bins of one version's training reference. Kept
-- for as long as a window can ask for them.
create table feature_count (
  endpoint     text   not null,
  period_start bigint not null,
  version      text   not null,
  row_count    bigint not null,
  counts       text   not null,
  primary key (endpoint, period_start, version)
);

-- How far each feature of the last window is from the champion's training reference.
create table drift_check (
  endpoint    text   not null,
  period_end  bigint not null,
  feature     text   not null,
  window_from bigint not null,
  champion    text   not null,
  state       text   not null,
  row_count   bigint not null,
  psi         double precision,
  ks          double precision,
  p_value     double precision,
  primary key (endpoint, period_end, feature)
);

-- What is, or was, wrong; one open row at most for each kind and subject.
create table finding (
  endpoint    text   not null,
  kind        text   not null,
  subject     text   not null,
  opened_at   bigint not null,
  updated_at  bigint not null,
  resolved_at bigint,
  severity    text   not null,
  message     text   not null,
  value       double precision not null,
  threshold   double precision not null,
  primary key (endpoint, kind, subject, opened_at)
);

create unique index finding_open on finding (endpoint, kind, subject) where resolved_at is null;
create index finding_newest on finding (endpoint, updated_at);
