// A small stand-in for the server's tracking and registry, for working on the console without one: 10,000 runs made by
// rule, the same each time; one series of a million points; hostile names. Shapes are those of /api/v1.
import { numbers } from './scenes.mjs';
import { matches } from './fake-filter.mjs';
import { registry } from './fake-models.mjs';

const HOSTILE = '<img src=x onerror=alert(1)>';
const ADJECTIVES = ['brave', 'calm', 'eager', 'fair', 'gentle', 'keen', 'lucid', 'merry', 'quiet', 'swift', 'vivid', 'wry'];
const NOUNS = ['comet', 'falcon', 'harbor', 'lantern', 'meadow', 'orbit', 'pine', 'raven', 'sextant', 'tide', 'willow', 'zenith'];
const START = Date.parse('2026-09-01T06:00:00Z');
export const LONG = 'f'.repeat(32);

export function makeStore({ count = 10_000, seed = 20 } = {}) {
  const next = numbers(seed);
  const pick = (list) => list[Math.floor(next() * list.length)];
  const runs = [];
  for (let i = 0; i < count; i++) {
    const depth = pick([4, 6, 8, 10, 12]);
    const lr = pick(['0.01', '0.03', '0.1', '0.3']);
    const status = next() < 0.93 ? 'FINISHED' : next() < 0.7 ? 'FAILED' : 'KILLED';
    const quality = 0.7 + 0.08 * (1 - Math.abs(depth - 8) / 8) + (lr === '0.1' ? 0.02 : 0) + (next() - 0.5) * 0.06;
    const started = START + i * 11 * 60_000 + Math.floor(next() * 50_000);
    const hex = (i * 2654435761 >>> 0).toString(16).padStart(8, '0');
    const failed = status !== 'FINISHED';
    runs.push({
      id: `${hex}${'0123456789abcdef'.repeat(2)}`.slice(0, 32),
      name: i % 997 === 5 ? HOSTILE : `${pick(ADJECTIVES)}-${pick(NOUNS)}-${i}`,
      experiment: i % 7 === 0 ? '2' : '1',
      status,
      lifecycle: 'active',
      user: pick(['training', 'notebook', 'nightly', 'ci']),
      started_at: new Date(started).toISOString(),
      ended_at: new Date(started + 20_000 + Math.floor(next() ** 4 * 7_200_000)).toISOString(),
      source: pick(['train.py', 'training_pipeline.yaml', 'notebooks/explore.ipynb']),
      metrics: failed && next() < 0.5 ? {} : {
        auc: quality,
        accuracy: quality - 0.05 + (next() - 0.5) * 0.02,
        loss: failed ? 'NaN' : 0.9 - quality * 0.7 + (next() - 0.5) * 0.03,
        'val loss': 1.1 - quality * 0.7 + (next() - 0.5) * 0.05,
        train_seconds: 20 + Math.floor(next() ** 3 * 4000) / 10,
        rows: 325_424,
        ...(i % 3 === 0 ? { 'drift/psi': next() ** 3 * 0.3 } : {}),
      },
      params: {
        max_depth: String(depth),
        learning_rate: lr,
        n_estimators: pick(['100', '300', '800']),
        algorithm: pick(['gbdt', 'random_forest', 'logistic']),
        features: pick(['base@1.0.0', 'base@1.1.0', 'weather@2.0.0']),
        ...(i % 500 === 3 ? { note: HOSTILE } : {}),
      },
      tags: { stage: pick(['draft', 'candidate', 'final']), team: pick(['ops', 'research']), 'git.commit': hex },
    });
  }
  const newest = runs.at(-1);
  Object.assign(newest, { id: LONG, name: 'long-haul', status: 'RUNNING', ended_at: null, started_at: new Date(Date.now() - 95_000).toISOString() });
  return { runs, registry: registry(runs) };
}

const attribute = { status: 'status', run_name: 'name', run_id: 'id', user_id: 'user', start_time: 'started_at', end_time: 'ended_at' };

function valueOf(run, key) {
  const dot = key.indexOf('.');
  const entity = dot < 0 ? 'attributes' : key.slice(0, dot);
  const name = dot < 0 ? key : key.slice(dot + 1).replace(/^[`"](.*)[`"]$/, '$1');
  if (entity.startsWith('metric')) return run.metrics[name] === 'NaN' ? NaN : run.metrics[name];
  if (entity.startsWith('param')) return run.params[name];
  if (entity.startsWith('tag')) return run.tags[name];
  const field = attribute[name];
  if (!field) throw new Bad(`there is no attribute '${name}'`, `Use one of ${Object.keys(attribute).join(', ')}`);
  return name.endsWith('_time') ? (run[field] ? Date.parse(run[field]) : undefined) : run[field];
}

class Bad extends Error {
  constructor(what, remedy) {
    super(what);
    this.remedy = remedy;
  }
}

function found(store, { experiments, filter, view = 'active' }) {
  const within = experiments?.length ? new Set(experiments) : null;
  return store.runs.filter(
    (run) => (!within || within.has(run.experiment)) && (view === 'all' || run.lifecycle === view) && (!filter || matches(filter, (key) => valueOf(run, key))),
  );
}

function ordered(runs, order = []) {
  const keys = [...order, 'start_time DESC'].map((each) => {
    const match = /^(.*?)(?:\s+(asc|desc))?$/i.exec(each.trim());
    return { key: match[1], down: match[2]?.toLowerCase() === 'desc' };
  });
  const number = (v) => (v !== undefined && v !== null && v !== '' && !Number.isNaN(Number(v)) ? Number(v) : v);
  return runs.toSorted((a, b) => {
    for (const { key, down } of keys) {
      const x = number(valueOf(a, key));
      const y = number(valueOf(b, key));
      if (x === undefined || Number.isNaN(x)) {
        if (y === undefined || Number.isNaN(y)) continue;
        return 1;
      }
      if (y === undefined || Number.isNaN(y)) return -1;
      if (x !== y) return (x < y ? -1 : 1) * (down ? -1 : 1);
    }
    return 0;
  });
}

function projected(run, columns) {
  const only = (map, names) => (names ? Object.fromEntries(names.filter((n) => n in map).map((n) => [n, map[n]])) : map);
  return { ...run, metrics: only(run.metrics, columns?.metrics), params: only(run.params, columns?.params), tags: only(run.tags, columns?.tags) };
}

function searchRuns(store, body) {
  const all = ordered(found(store, body), body.order);
  const from = Number(body.page ?? 0);
  const to = from + Math.min(body.limit ?? 200, 1000);
  return {
    runs: all.slice(from, to).map((run) => projected(run, body.columns)),
    ...(body.count ? { count: all.length } : {}),
    next: to < all.length ? String(to) : null,
  };
}

function groupRuns(store, body) {
  const groups = new Map();
  for (const run of found(store, body)) {
    const key = Object.fromEntries(body.by.map((by) => [by, valueOf(run, by) ?? null]));
    const name = JSON.stringify(key);
    const group = groups.get(name) ?? { key, count: 0, metrics: {} };
    group.count++;
    for (const metric of body.metrics ?? []) {
      const value = run.metrics[metric];
      if (typeof value !== 'number') continue;
      const spread = (group.metrics[metric] ??= { mean: 0, min: value, max: value, count: 0 });
      spread.count++;
      spread.mean += (value - spread.mean) / spread.count;
      spread.min = Math.min(spread.min, value);
      spread.max = Math.max(spread.max, value);
    }
    groups.set(name, group);
  }
  return { groups: [...groups.values()].sort((a, b) => b.count - a.count) };
}

function names(store, experiment) {
  const of = (part) => [...new Set(store.runs.filter((r) => !experiment || r.experiment === experiment).slice(0, 2000).flatMap((r) => Object.keys(r[part])))];
  return { metrics: of('metrics'), params: of('params'), tags: of('tags') };
}

function wave(run, key, step, count) {
  const seed = (parseInt(run.slice(0, 6), 16) % 97) / 97;
  const noise = Math.sin(step * 12.9898 + seed * 78.233) * 43758.5453;
  const jitter = (noise - Math.floor(noise) - 0.5) * 0.08;
  const way = step / count;
  return key === 'auc' || key === 'accuracy' ? 0.55 + (0.2 + seed * 0.06) * (1 - Math.exp(-5 * way)) + jitter * 0.3 : (0.9 - seed * 0.2) * Math.exp(-3 * way) + 0.15 + seed * 0.1 + jitter;
}

const kept = new Map();

function series(store, { runs, keys, points = 1000 }) {
  const all = [];
  for (const id of runs) {
    const run = store.runs.find((r) => r.id === id);
    if (!run) continue;
    for (const key of keys) {
      if (!['auc', 'accuracy', 'loss', 'val loss'].includes(key) || !(key in run.metrics)) continue;
      const count = run.id === LONG ? (key === 'loss' ? 1_000_000 : 20_000) : 200;
      const name = `${id} ${key} ${points}`;
      if (!kept.has(name)) kept.set(name, envelope(run, key, count, points));
      all.push({ run: id, key, count, exact: count <= points, points: kept.get(name) });
    }
  }
  return { series: all };
}

function envelope(run, key, count, points) {
  const start = Date.parse(run.started_at);
  const size = Math.max(1, Math.ceil(count / points));
  const drawn = [];
  for (let from = 0; from < count; from += size) {
    const first = wave(run.id, key, from, count);
    let [min, max, last] = [first, first, first];
    for (let step = from + 1; step < Math.min(count, from + size); step++) {
      last = wave(run.id, key, step, count);
      if (last < min) min = last;
      if (last > max) max = last;
    }
    drawn.push([from, start + from * 90, first, min, max, last]);
  }
  return drawn;
}

const FILES = {
  '': [['model', null], ['plots', null], ['report', null], ['config.yaml', 214], ['metrics.json', 126], ['confusion.csv', 61], [HOSTILE.replace('/', '_') + '.txt', 40]],
  model: [['MLmodel', 320], ['model.bin', 4_812_233], ['requirements.txt', 48]],
  plots: [['roc.svg', 690]],
  report: [['evaluation.html', 2048], ['evaluation.md', 300]],
};
const TEXTS = {
  'config.yaml': 'project:\n  name: flights\ntraining:\n  algorithm: gbdt\n  max_depth: 8\n  learning_rate: 0.1\ndata:\n  path: data/raw\n  rows: 325424\n',
  'metrics.json': '{"auc": 0.7812, "accuracy": 0.7301, "by_carrier": {"KE": 0.79, "OZ": 0.77, "7C": 0.74}, "rows": 325424}',
  'confusion.csv': 'actual,predicted on time,predicted late\non time,190233,22104\nlate,40120,72967\n',
  'model/MLmodel': 'artifact_path: model\nflavors:\n  sklearn:\n    pickled_model: model.bin\n    sklearn_version: 1.8.0\nrun_id: 0f\n',
  'model/requirements.txt': 'mlflow==3.9.0\nscikit-learn==1.8.0\n',
  'report/evaluation.html': '<!doctype html><h1>Evaluation</h1><script>alert("never")</script>',
  'report/evaluation.md': '# Evaluation\n\nThe model meets its gates.\n',
};
const SVG = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 320 240" width="320" height="240"><rect width="320" height="240" fill="#fff"/><path d="M40 20v190h260" fill="none" stroke="#333"/><path d="M40 210 300 20" stroke="#bbb" stroke-dasharray="4 4"/><path d="M40 210C60 90 140 40 300 20" fill="none" stroke="#0b62a4" stroke-width="3"/></svg>`;

function runDetail(store, id) {
  const run = store.runs.find((r) => r.id === id);
  if (!run) return null;
  return {
    run,
    inputs: [
      { name: 'flights', digest: 'a3f1c29be0', source_type: 'local', source: 'data/raw/flights', tags: { 'mlflow.data.context': 'training' }, rows: 325_424 },
      { name: 'weather', digest: '77b2', source_type: 'local', source: 'data/raw/weather', tags: {} },
    ],
    outputs: [{ model: 'm-3fa0', step: 199 }],
    environment: {
      os: 'Linux 6.8 (x86_64)', language: 'Python 3.12.4', commit: '5dc8408a77f1', dirty: 'true', branch: 'main',
      diff: '--- a/train.py\n+++ b/train.py\n@@ -12,3 +12,3 @@\n-learning_rate = 0.3\n+learning_rate = 0.1\n',
      command: 'python train.py --depth 8',
      libraries: 'lightgbm==4.7.0\nmlflow==3.9.0\nnumpy==2.3.1\npandas==2.4.0\nscikit-learn==1.8.0\n',
    },
    resources: { cpu_seconds: 412.7, peak_memory_bytes: 1_873_741_824, wall_seconds: 131.2, cpus: 8 },
    artifacts: 9,
    models: [{ id: 'm-3fa0', name: 'late-arrival', status: 'READY', type: 'gbdt', role: 'output' }],
  };
}

/** Answers what belongs to it; false if the path is another's. */
export async function fake(store, request, response) {
  const url = new URL(request.url, 'http://mock');
  const path = url.pathname;
  if (!/^\/api\/v1\/(experiments|runs|metrics|search|models|lineage|logged-models)/.test(path)) return false;
  const json = (value, status = 200) => {
    response.writeHead(status, { 'content-type': status < 400 ? 'application/json' : 'application/problem+json' });
    response.end(JSON.stringify(value));
    return true;
  };
  const missing = () => json({ title: 'Not found', detail: `there is no ${path}`, remedy: 'Look at the list' }, 404);
  const body = request.method === 'POST' || request.method === 'DELETE' ? await bodyOf(request) : {};
  try {
    if (path === '/api/v1/experiments') {
      const runs = (id) => store.runs.filter((r) => r.experiment === id && r.lifecycle === 'active').length;
      return json({ experiments: [['0', 'Default'], ['1', 'late-arrival'], ['2', `churn ${HOSTILE}`]].map(([id, name]) => ({ id, name, lifecycle: 'active', tags: {}, runs: runs(id) })) });
    }
    if (path === '/api/v1/runs/search') return json(searchRuns(store, body));
    if (path === '/api/v1/runs/groups') return json(groupRuns(store, body));
    if (path === '/api/v1/runs/columns') return json(names(store, url.searchParams.get('experiment')));
    if (path === '/api/v1/runs/delete' || path === '/api/v1/runs/restore') {
      for (const run of store.runs) if (body.ids.includes(run.id)) run.lifecycle = path.endsWith('delete') ? 'deleted' : 'active';
      return json({});
    }
    if (path === '/api/v1/metrics/series') return json(series(store, body));
    if (path === '/api/v1/search') return json({ hits: hits(store, url.searchParams.get('q') ?? '') });
    const models = store.registry.answer(path, request.method, body);
    if (models) return json(models.body, models.status);
    if (/^\/api\/v1\/logged-models\/[^/]+\/artifacts$/.test(path)) {
      return json({ files: [['MLmodel', 812], ['model.pkl', 98_304]].map(([name, size]) => ({ path: name, is_dir: false, size, digest: 'sha256:00' })) });
    }
    const part = /^\/api\/v1\/runs\/([^/]+)(?:\/(.*))?$/.exec(path);
    if (!part) return missing();
    const [, id, rest] = part;
    if (rest === undefined) {
      const detail = runDetail(store, id);
      return detail ? json(detail) : missing();
    }
    if (rest === 'events') return live(store, id, response);
    if (rest === 'tags') {
      Object.assign(store.runs.find((r) => r.id === id).tags, body.tags);
      return json({});
    }
    if (rest === 'artifacts') {
      const folder = url.searchParams.get('path') ?? '';
      const at = folder ? `${folder}/` : '';
      return json({ files: (FILES[folder] ?? []).map(([name, size]) => ({ path: at + name, is_dir: size === null, size, digest: 'sha256:00' })) });
    }
    if (rest.startsWith('artifacts/preview/')) {
      const file = decodeURIComponent(rest.slice('artifacts/preview/'.length));
      if (file.endsWith('.svg')) {
        response.writeHead(200, { 'content-type': 'text/plain; charset=utf-8', 'content-security-policy': "default-src 'none'; frame-ancestors 'none'; sandbox" });
        response.end(SVG);
        return true;
      }
      if (file.endsWith('.bin')) return json({ title: 'No preview', detail: 'this file is binary', remedy: 'Download it' }, 415);
      response.writeHead(200, { 'content-type': 'text/plain; charset=utf-8' });
      response.end(TEXTS[file] ?? 'Nothing to see.\n');
      return true;
    }
    return missing();
  } catch (error) {
    return json({ title: 'The filter cannot be read', detail: error.message, remedy: error.remedy ?? null }, 400);
  }
}

function hits(store, q) {
  const low = q.toLowerCase();
  const runs = store.runs.filter((r) => r.name.toLowerCase().includes(low)).slice(0, 8);
  return [
    ...(low && 'late-arrival'.includes(low) ? [{ kind: 'model', id: 'late-arrival', name: 'late-arrival', where: '5 versions', snippet: 'Whether a flight arrives late' }, { kind: 'experiment', id: '1', name: 'late-arrival', where: null, snippet: null }] : []),
    ...runs.map((r) => ({ kind: 'run', id: r.id, name: r.name, where: r.status, snippet: `auc ${r.metrics.auc ?? '-'}` })),
  ];
}

function live(store, id, response) {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
  const run = store.runs.find((r) => r.id === id);
  response.write(`event: run\ndata: ${JSON.stringify({ status: run?.status ?? 'FINISHED' })}\n\n`);
  let step = 1_000_000;
  const timer = setInterval(() => {
    if (run?.status !== 'RUNNING') return;
    for (const key of ['loss', 'auc']) {
      const at = key === 'loss' ? step : step - 980_000;
      response.write(`event: metric\ndata: ${JSON.stringify({ key, step: at, at: new Date().toISOString(), value: wave(id, key, at, key === 'loss' ? 1e6 : 20_000) })}\n\n`);
    }
    step += 1000;
  }, 500);
  response.on('close', () => clearInterval(timer));
  return true;
}

function bodyOf(request) {
  return new Promise((resolve) => {
    let text = '';
    request.on('data', (chunk) => (text += chunk));
    request.on('end', () => resolve(text ? JSON.parse(text) : {}));
  });
}
