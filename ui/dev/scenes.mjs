// Sample answers of GET /api/v1/overview, for looking at the page without a server. Made by rule, the same each time.

const DAY = 86_400_000;

/** A repeatable stream of numbers in 0..1. */
export function numbers(seed) {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

function days(from, count) {
  return Array.from({ length: count }, (_, i) => new Date(Date.parse(from) + i * DAY).toISOString().slice(0, 10));
}

const STAGES = ['data', 'features', 'train', 'gate', 'register', 'deploy', 'monitor', 'retrain'];

function stages(rows) {
  return STAGES.map((id) => ({ id, state: 'waiting', detail: null, at: null, ...rows[id] }));
}

function performance(count) {
  const next = numbers(7);
  const dates = days('2001-03-01', count);
  const noise = () => (next() + next() + next() - 1.5) * 0.018;
  let level = 0;
  const first = dates.map((_, i) => +(0.7465 - i * 0.00034 - 0.012 * Math.sin(i / 9) ** 2 + noise()).toFixed(6));
  const served = first.map((value, i) => {
    if (i === 21 || i === 52 || i === 84) level += 0.011;
    return i < 21 ? value : +(value + level + noise() / 4).toFixed(6);
  });
  const marks = [];
  const at = (i, hour = 0) => new Date(Date.parse(dates[0]) + i * DAY + hour * 3_600_000).toISOString();
  const mark = (i, kind, label, version = null, hour = 0) => {
    if (i < count) marks.push({ at: at(i, hour), kind, label, version });
  };
  for (const i of [9, 10, 18, 19, 47, 50, 66, 81, 82, 104]) mark(i, 'drift', 'origin_recent.flights_7d');
  for (const i of [19, 50, 66, 82]) mark(i, 'retrain', 'data_drift', null, 2);
  mark(21, 'promotion', '1.0.1 promoted', '1.0.1', 6);
  mark(52, 'promotion', '1.0.2 promoted', '1.0.2', 6);
  mark(67, 'rejection', '1.0.3 rejected', '1.0.3', 6);
  mark(84, 'promotion', '1.0.4 promoted', '1.0.4', 6);
  return {
    metric: 'auc_roc',
    days: dates,
    served: served.map((v, i) => (i === count - 1 || i === 33 ? null : v)),
    first: first.map((v, i) => (i === count - 1 || i === 33 ? null : v)),
    first_version: '1.0.0',
    threshold: 0.7,
    marks,
  };
}

const CRITERIA = [
  { group: 'problem', name: 'precision_at_recall_50', min: '0.40', target: null, max: null, actual: '0.4127', state: 'met', evidence: 'run 3f2c9a41, validation' },
  { group: 'offline_metrics', name: 'auc_roc', min: '0.70', target: '0.75', max: null, actual: '0.741223', state: 'below_target', evidence: 'run 3f2c9a41, validation' },
  { group: 'online_metrics', name: 'conversion_lift', min: '0.02', target: null, max: null, actual: null, state: 'unknown', evidence: null },
  { group: 'system_metrics', name: 'p99_latency', min: null, target: null, max: '100ms', actual: '4.1 ms', state: 'met', evidence: 'live, last 10 minutes' },
  { group: 'system_metrics', name: 'throughput', min: '1000 req/s', target: null, max: null, actual: '5213 rows/s', state: 'met', evidence: 'replay, 680,412 rows' },
  { group: 'constraints', name: 'model_size', min: null, target: null, max: '< 50MB', actual: '1.3 MB', state: 'met', evidence: 'package of 1.0.4' },
  { group: 'constraints', name: 'interpretability', min: 'high', target: null, max: null, actual: null, state: 'unknown', evidence: null },
];

function findings() {
  const rows = [
    ['2001-06-13T00:00:00Z', 'data_drift', 'critical', 'destination_recent.late_share_24h', 'PSI 0.41 over 0.25', 0.41, 0.25],
    ['2001-06-13T00:00:00Z', 'data_drift', 'warning', 'origin_recent.flights_7d', 'PSI 0.18 over 0.1', 0.18, 0.1],
    ['2001-05-21T00:00:00Z', 'accuracy_degradation', 'critical', 'auc_roc', 'AUC 0.6931 below 0.70', 0.6931, 0.7],
    ['2001-05-06T00:00:00Z', 'volume', 'info', 'late-arrival', '5,912 predictions, 6,204 the day before', 5912, 6204],
    ['2001-05-06T00:00:00Z', 'latency', 'warning', 'late-arrival', null, 12.4, 10],
    ['2001-04-20T00:00:00Z', 'data_drift', 'warning', 'calendar.hour', 'PSI 0.12 over 0.1', 0.12, 0.1],
    ['2001-04-17T00:00:00Z', 'data_drift', 'warning', 'route.distance', 'PSI 0.11 over 0.1', 0.11, 0.1],
    ['2001-03-20T00:00:00Z', 'schema', 'info', 'flights', 'one new value of destination', null, null],
  ];
  return rows.map(([at, kind, severity, subject, message, value, threshold], i) => ({
    id: `f${i}`, at, kind, severity, subject, message, value, threshold,
  }));
}

const full = {
  project: 'flights',
  endpoint: 'late-arrival',
  clock: { virtual: true, now: '2001-06-14T06:30:00Z' },
  stages: stages({
    data: { state: 'ok', detail: 'flights@1.4.0, 948,211 rows', at: '2001-06-13T02:00:00Z' },
    features: { state: 'ok', detail: '4 views, 17 columns', at: '2001-06-13T02:00:00Z' },
    train: { state: 'ok', detail: 'lightgbm ahead of 3 others, AUC 0.7532', at: '2001-06-13T02:00:00Z' },
    gate: { state: 'ok', detail: '7 of 7 passed', at: '2001-06-13T02:00:00Z' },
    register: { state: 'ok', detail: 'late-arrival 1.0.5', at: '2001-06-13T02:00:00Z' },
    deploy: { state: 'running', detail: 'canary of 1.0.5 at 10 %', at: '2001-06-13T12:00:00Z' },
    monitor: { state: 'ok', detail: '105 days watched, 8 findings', at: '2001-06-14T00:00:00Z' },
    retrain: { state: 'waiting', detail: 'cooldown until 27 June', at: null },
  }),
  performance: performance(105),
  versions: [
    { version: '1.0.5', state: 'canary', traffic: 0.1, registered_at: '2001-06-13T02:00:00Z', reasons: ['data_drift', 'new_data_available'], auc_roc: 0.7532, data_version: '1.4.0', run: '7be0214ac9de4ef08a3c5d1c02b4a511' },
    { version: '1.0.4', state: 'champion', traffic: 0.9, registered_at: '2001-05-22T02:00:00Z', reasons: ['accuracy_degradation'], auc_roc: 0.7498, data_version: '1.3.0', run: '3f2c9a41d0ce4a1e9c1be2ffb2f10c55' },
    { version: '1.0.3', state: 'rejected', traffic: 0, registered_at: '2001-05-06T02:00:00Z', reasons: ['scheduled_retrain'], auc_roc: 0.7411, data_version: '1.2.0', run: 'c01d77aa14f249b48a3f54c3c1f5a0ee' },
    { version: '1.0.2', state: 'archived', traffic: 0, registered_at: '2001-04-20T02:00:00Z', reasons: ['data_drift'], auc_roc: 0.7463, data_version: '1.2.0', run: '91a04d2ef4c14a6aa0b0ff0eb3ad3c60' },
    { version: '1.0.1', state: 'archived', traffic: 0, registered_at: '2001-03-20T02:00:00Z', reasons: ['data_drift'], auc_roc: 0.7401, data_version: '1.1.0', run: '5c8871c3a2e94acb8d32b1a3a6bd0f9b' },
    { version: '1.0.0', state: 'shadow', traffic: 0, registered_at: '2001-03-01T00:00:00Z', reasons: [], auc_roc: 0.741223, data_version: '1.0.0', run: '0b6f5d7e9c3a4c16a6a1a4b0c2d4e6f8' },
  ],
  findings: findings(),
  criteria: CRITERIA,
  live: { predictions: 584_120, outcomes: 579_904, rate_per_s: 5213.7, p50_ms: 1.2041, p99_ms: 4.1187, errors: 0 },
  retrains: [
    { at: '2001-06-13T02:00:00Z', reasons: ['data_drift', 'new_data_available'], from: '1.0.4', to: '1.0.5', promoted: null },
    { at: '2001-05-22T02:00:00Z', reasons: ['accuracy_degradation'], from: '1.0.2', to: '1.0.4', promoted: true },
    { at: '2001-05-06T02:00:00Z', reasons: ['scheduled_retrain'], from: '1.0.2', to: '1.0.3', promoted: false },
    { at: '2001-04-20T02:00:00Z', reasons: ['data_drift'], from: '1.0.1', to: '1.0.2', promoted: true },
    { at: '2001-03-20T02:00:00Z', reasons: ['data_drift'], from: '1.0.0', to: '1.0.1', promoted: true },
  ],
  next: [
    { text: 'Take the canary back', command: 'orrery rollback late-arrival' },
    { text: 'See where a prediction comes from', command: 'orrery lineage 01938f2a-77aa-7c31-9d2e-5b1f0c2a9d10' },
    { text: 'Ask for a prediction', command: "curl -d '{\"features\":[\"2001-06-14T07:05:00Z\",1235,\"ATL\",\"LGA\"]}' localhost:8080/predict" },
  ],
};

const early = {
  ...full,
  clock: { virtual: true, now: '2001-03-03T12:00:00Z' },
  stages: stages({
    data: { state: 'ok', detail: 'flights@1.0.0, 325,424 rows', at: '2001-03-01T00:00:00Z' },
    features: { state: 'ok', detail: '4 views, 17 columns', at: '2001-03-01T00:00:00Z' },
    train: { state: 'ok', detail: 'lightgbm, AUC 0.7412', at: '2001-03-01T00:00:00Z' },
    gate: { state: 'ok', detail: '7 of 7 passed', at: '2001-03-01T00:00:00Z' },
    register: { state: 'ok', detail: 'late-arrival 1.0.0', at: '2001-03-01T00:00:00Z' },
    deploy: { state: 'ok', detail: '1.0.0 at 100 %', at: '2001-03-01T00:00:00Z' },
    monitor: { state: 'running', detail: 'day 3', at: '2001-03-03T00:00:00Z' },
  }),
  performance: performance(3),
  versions: [{ ...full.versions[5], state: 'champion', traffic: 1 }],
  findings: [],
  live: { ...full.live, predictions: 15_204, outcomes: 11_870, errors: 2 },
  retrains: [],
};

const failing = {
  project: 'churn',
  endpoint: null,
  clock: { virtual: false, now: '2026-11-21T09:12:44Z' },
  stages: stages({
    data: { state: 'ok', detail: 'customers@1.0.0, 7,043 rows', at: '2026-11-21T09:10:00Z' },
    features: { state: 'ok', detail: '19 columns', at: '2026-11-21T09:10:20Z' },
    train: { state: 'ok', detail: 'random_forest, accuracy 0.8012', at: '2026-11-21T09:11:00Z' },
    gate: { state: 'failed', detail: 'recall 0.52 below 0.75; precision 0.66 below 0.70', at: '2026-11-21T09:11:03Z' },
  }),
  performance: null,
  versions: [],
  findings: [],
  criteria: [
    { group: 'offline_metrics', name: 'recall', min: '0.75', target: '0.80', max: null, actual: '0.5213', state: 'failed', evidence: 'run 88ad01c2, test' },
    { group: 'offline_metrics', name: 'precision', min: '0.70', target: '0.75', max: null, actual: '0.6604', state: 'failed', evidence: 'run 88ad01c2, test' },
    { group: 'system_metrics', name: 'p99_latency', min: null, target: null, max: '100ms', actual: null, state: 'unknown', evidence: null },
  ],
  live: null,
  retrains: [],
  next: [{ text: 'See why the gate held', command: 'orrery runs show 88ad01c2' }],
};

const none = {
  project: null, endpoint: null, clock: { virtual: false, now: '2026-11-21T09:12:44Z' },
  stages: [], performance: null, versions: [], findings: [], criteria: [], live: null, retrains: [], next: [],
};

const hostile = {
  ...full,
  project: '<img src=x onerror=alert(1)>',
  endpoint: 'an-endpoint-with-a-name-that-goes-on-and-on-far-beyond-what-anyone-would-call-an-endpoint',
  stages: stages(Object.fromEntries(STAGES.map((id) => [id, { state: 'exploded', detail: `<b>${'x'.repeat(300)}</b>` }]))),
  versions: [{ version: '10.20.300-rc.1+build.20010614', state: 'champion', traffic: 7, reasons: ['<script>alert(1)</script>', 'something_new'] }, null, 5],
  findings: [{ id: 'x', kind: '__proto__', severity: 'loud', subject: 'a'.repeat(200), message: '<svg onload=alert(1)>' }],
  criteria: [{ name: 'toString', group: 'constructor', state: 'met' }],
  performance: { days: ['2001-03-01', 'no day', '2001-03-02'], served: ['x', null], marks: [{ at: 'never', kind: 'drift' }] },
  live: { predictions: -0.000012345, outcomes: 1e21 },
  next: [{ command: 'javascript:alert(1)' }],
};

export const scenes = { full, early, failing, none, empty: {}, hostile };
