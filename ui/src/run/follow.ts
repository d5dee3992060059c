import { signal, type Signal } from '@preact/signals';
import { append, readSeries, type Series } from '../chart/series';
import { isAborted, server } from '../server';
import { readDetail, readPoint, readStanding, type Detail, type LivePoint } from './types';
import { readExperiments, RUN_STATES } from '../runs/types';

/** One run as the page knows it, kept fresh while it runs. */

export const POINTS = 800;
/** Metrics drawn at first; a run may have thousands. */
export const CHARTS_FIRST = 24;
const BEAT_MS = 250;

export interface Followed {
  detail: Signal<Detail | null>;
  error: Signal<unknown>;
  series: Signal<ReadonlyMap<string, Series>>;
  /** Whether points come as they are logged. */
  live: Signal<boolean>;
  want(keys: string[]): void;
  reload(): void;
  close(): void;
}

export function follow(id: string): Followed {
  const detail = signal<Detail | null>(null);
  const error = signal<unknown>(null);
  const series = signal<ReadonlyMap<string, Series>>(new Map());
  const live = signal(false);
  const stop = new AbortController();
  const asked = new Set<string>();
  let events: EventSource | null = null;
  let waiting: LivePoint[] = [];
  let beat: ReturnType<typeof setTimeout> | undefined;

  const reload = () => {
    server(`/api/v1/runs/${encodeURIComponent(id)}`, { signal: stop.signal }).then(
      (json) => {
        const read = readDetail(json);
        detail.value = read && { ...read, experimentName: read.experimentName ?? detail.value?.experimentName ?? null };
        error.value = null;
        nameExperiment();
        const status = detail.value?.run.status;
        if (status === 'RUNNING' || status === 'SCHEDULED') listen();
      },
      (failed: unknown) => {
        if (!isAborted(failed)) error.value = failed;
      },
    );
  };

  const nameExperiment = () => {
    const now = detail.value;
    if (!now || now.experimentName !== null) return;
    server('/api/v1/experiments?limit=1000', { signal: stop.signal }).then(
      (json) => {
        const name = readExperiments(json).find((e) => e.id === detail.value?.run.experiment)?.name;
        if (name && detail.value) detail.value = { ...detail.value, experimentName: name };
      },
      () => {},
    );
  };

  const want = (keys: string[]) => {
    const missing = keys.filter((key) => !asked.has(key));
    if (missing.length === 0) return;
    for (const key of missing) asked.add(key);
    server('/api/v1/metrics/series', { body: { runs: [id], keys: missing, points: POINTS, axis: 'step' }, signal: stop.signal }).then(
      (json) => {
        const next = new Map(series.value);
        for (const each of readSeries(json)) next.set(each.key, each);
        series.value = next;
      },
      (failed: unknown) => {
        if (isAborted(failed)) return;
        for (const key of missing) asked.delete(key);
        error.value = failed;
      },
    );
  };

  const listen = () => {
    if (events || typeof EventSource === 'undefined') return;
    events = new EventSource(`/api/v1/runs/${encodeURIComponent(id)}/events`);
    events.addEventListener('open', () => (live.value = true));
    events.addEventListener('metric', (event) => {
      const point = readPoint((event as MessageEvent<string>).data);
      if (!point) return;
      waiting.push(point);
      beat ??= setTimeout(take, BEAT_MS);
    });
    events.addEventListener('run', (event) => {
      const standing = readStanding((event as MessageEvent<string>).data);
      const now = detail.value;
      const status = RUN_STATES.find((s) => s === standing.status);
      if (!now || !status || (status === now.run.status && standing.endedAt === now.run.endedAt)) return;
      detail.value = { ...now, run: { ...now.run, status, endedAt: standing.endedAt ?? now.run.endedAt } };
      if (status !== 'RUNNING' && status !== 'SCHEDULED') {
        hush();
        reload();
      }
    });
    events.addEventListener('error', () => (live.value = false));
  };

  const hush = () => {
    events?.close();
    events = null;
    live.value = false;
  };

  /** Points come faster than eyes see: they are taken together, four times a second. */
  const take = () => {
    beat = undefined;
    const points = waiting;
    waiting = [];
    const now = detail.value;
    if (!now) return;
    const next = new Map(series.value);
    const metrics = { ...now.run.metrics };
    for (const p of points) {
      metrics[p.key] = p.value;
      const known = next.get(p.key);
      if (known) next.set(p.key, append(known, p.step, p.at, p.value));
      else if (asked.has(p.key)) next.set(p.key, append({ run: id, key: p.key, count: 0, exact: true, points: [] }, p.step, p.at, p.value));
    }
    series.value = next;
    detail.value = { ...now, run: { ...now.run, metrics } };
  };

  reload();
  return {
    detail,
    error,
    series,
    live,
    want,
    reload,
    close() {
      stop.abort();
      hush();
      clearTimeout(beat);
    },
  };
}
