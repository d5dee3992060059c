import { batch, computed, effect, signal } from '@preact/signals';
import { ask, place } from '../router';
import { Refusal, isAborted, server } from '../server';
import { recall, remember } from '../state';
import { arrange, firstColumns, orderKey, packList, packSorts, toggleSort, unpackList, unpackSorts, type Column, type Layout, type Sort } from './columns';
import { check, toQuery, writeKey, writeText, type FilterFault } from './filter';
import { Pager } from './pager';
import { groupOf, nameOf } from './columns';
import { orderGroups } from './model';
import { readColumnNames, readExperiments, readGroups, type ColumnNames, type Experiment, type Group, type Run } from './types';

/** What the runs page is about: read from the address, so that every view can be sent to somebody. */

export type View = 'active' | 'deleted';

export const experiment = computed(() => place.value.query.get('experiment'));
export const query = computed(() => place.value.query.get('q') ?? '');
export const sorts = computed(() => unpackSorts(place.value.query.get('order')));
export const groupBy = computed(() => unpackList(place.value.query.get('by')));
export const view = computed<View>(() => (place.value.query.get('view') === 'deleted' ? 'deleted' : 'active'));

export const experiments = signal<Experiment[]>([]);
export const names = signal<ColumnNames | null>(null);
export const selected = signal<ReadonlySet<string>>(new Set());
/** Where the keyboard is among the rows. */
export const active = signal(0);

const layoutName = () => `runs.layout.${experiment.value ?? 'all'}`;
const layouts = signal(0);
export const layout = computed<Layout & { columns: string[] | null }>(() => {
  void layouts.value;
  try {
    const kept = JSON.parse(recall(layoutName()) ?? '{}') as Partial<Layout & { columns: string[] }>;
    return { widths: kept.widths ?? {}, pins: kept.pins ?? [], columns: Array.isArray(kept.columns) ? kept.columns : null };
  } catch {
    return { widths: {}, pins: [], columns: null };
  }
});

function keep(change: Partial<Layout & { columns: string[] }>): void {
  remember(layoutName(), JSON.stringify({ ...layout.value, ...change }));
  layouts.value++;
}

export const columnKeys = computed<string[]>(() => {
  const packed = place.value.query.get('cols');
  if (packed !== null) return unpackList(packed);
  return layout.value.columns ?? (names.value ? firstColumns(names.value, experiment.value === null) : []);
});

export const columns = computed<Column[]>(() => arrange(columnKeys.value, layout.value, groupBy.value.length > 0));

export function chooseColumns(keys: string[]): void {
  keep({ columns: keys });
  ask({ cols: packList(keys) });
}

export function resize(key: string, width: number): void {
  keep({ widths: { ...layout.value.widths, [key]: width } });
}

export function pin(key: string, on: boolean): void {
  keep({ pins: on ? [...layout.value.pins, key] : layout.value.pins.filter((p) => p !== key) });
}

export function sortBy(key: string, add: boolean): void {
  if (orderKey(key)) ask({ order: packSorts(toggleSort(sorts.value, key, add)) });
}

export function sortExactly(sort: Sort): void {
  ask({ order: packSorts([sort]) });
}

// What the server has answered.

export interface Rows {
  pager: Pager;
  groups: Group[] | null;
  /** Grows with every change, so that what is drawn knows. */
  version: number;
}

export const rows = signal<Rows | null>(null);
export const open = signal<ReadonlyMap<string, Pager>>(new Map());
/** What is wrong with the filter: found here, or told by the server. */
export const fault = signal<FilterFault | null>(null);
export const refusal = signal<unknown>(null);
/** Whether an answer is awaited; what is shown is of the last question. */
export const stale = signal(false);

function orders(): string[] {
  const given = sorts.value.map((s) => ({ key: orderKey(s.key), descending: s.descending })).filter((s) => s.key !== null);
  return given.map((s) => `${quoted(s.key as string)} ${s.descending ? 'DESC' : 'ASC'}`);
}

function quoted(key: string): string {
  const group = groupOf(key);
  return group === 'run' ? key : writeKey(group, nameOf(key));
}

function asked(keys: string[]): ColumnNames {
  const of = (group: string) => keys.filter((k) => groupOf(k) === group).map(nameOf);
  return { metrics: of('metrics'), params: of('params'), tags: of('tags') };
}

function scope() {
  return experiment.value === null ? {} : { experiments: [experiment.value] };
}

export function searchBody(filter: string, limit: number, page: string | null, first: boolean, keys = columnKeys.value) {
  return {
    ...scope(),
    ...(filter ? { filter } : {}),
    order: orders(),
    limit,
    ...(page ? { page } : {}),
    columns: asked(keys),
    count: first,
    view: view.value,
  };
}

function pagerOf(filter: string, changed: (pager: Pager) => void): Pager {
  const keys = columnKeys.value;
  return new Pager((limit, page, signal) => server('/api/v1/runs/search', { body: searchBody(filter, limit, page, page === null, keys), signal }), changed);
}

/** The filter in force: what is typed, with the words for names made into a comparison. */
export const filter = computed(() => toQuery(query.value).filter);

let running: { pager: Pager | null; stop: AbortController } | null = null;

/** Asks anew. What is on the page stays until the answer is there. */
function search(): void {
  running?.stop.abort();
  running?.pager?.close();
  const wrong = check(filter.value);
  fault.value = wrong;
  if (wrong) {
    running = null;
    stale.value = false;
    return;
  }
  const stop = new AbortController();
  stale.value = true;
  const here = { pager: null as Pager | null, stop };
  running = here;
  const by = groupBy.value;
  const groups: Promise<Group[] | null> = by.length === 0 ? Promise.resolve(null) : askGroups(by, stop.signal);
  const pager = pagerOf(filter.value, (changed) => {
    void groups.then(
      (found) => {
        if (running !== here) return;
        stale.value = false;
        batch(() => {
          const first = rows.value?.pager !== changed;
          if (changed.error) refusal.value = changed.error;
          else refusal.value = null;
          if (changed.error instanceof Refusal && rows.value) return;
          if (first) {
            open.value = new Map();
            active.value = 0;
          }
          rows.value = { pager: changed, groups: found, version: (rows.value?.version ?? 0) + 1 };
        });
      },
      (error: unknown) => {
        if (running !== here || isAborted(error)) return;
        stale.value = false;
        refusal.value = error;
      },
    );
  });
  here.pager = pager;
  pager.want(1);
}

/** More the server does not reckon at once. */
const GROUP_METRICS_MAX = 20;

async function askGroups(by: string[], signal: AbortSignal): Promise<Group[]> {
  const body = {
    ...scope(),
    ...(filter.value ? { filter: filter.value } : {}),
    by: by.map(serverKey),
    metrics: asked(columnKeys.value).metrics.slice(0, GROUP_METRICS_MAX),
    view: view.value,
  };
  const groups = readGroups(await server('/api/v1/runs/groups', { body, signal }));
  const named = groups.map((g) => ({ ...g, key: Object.fromEntries(by.map((b) => [b, g.key[b] ?? g.key[serverKey(b)] ?? null])) }));
  return orderGroups(named, sorts.value);
}

/** How the server names what is grouped by. */
function serverKey(key: string): string {
  return groupOf(key) === 'run' ? (orderKey(key) ?? key) : quoted(key);
}

export function groupKey(group: Group): string {
  return JSON.stringify(group.key);
}

/** What a group's runs have in common, as a filter; null when it cannot be said. */
export function groupFilter(group: Group): string | null {
  const parts: string[] = [];
  for (const [key, value] of Object.entries(group.key)) {
    if (value === null) return null;
    const field = groupOf(key) === 'run' ? orderKey(key) : quoted(key);
    if (!field) return null;
    parts.push(`${field} = ${groupOf(key) === 'metrics' ? value : writeText(value)}`);
  }
  return [...(filter.value ? [`(${filter.value})`] : []), ...parts].join(' AND ');
}

export function toggleGroup(group: Group): void {
  const key = groupKey(group);
  const next = new Map(open.value);
  const opened = next.get(key);
  if (opened) {
    opened.close();
    next.delete(key);
  } else {
    const within = groupFilter(group);
    if (within === null) return;
    const pager = pagerOf(within, () => {
      if (rows.value) rows.value = { ...rows.value, version: rows.value.version + 1 };
    });
    pager.want(1);
    next.set(key, pager);
  }
  open.value = next;
}

/** Asks again for what is shown, after it was changed. */
export function again(): void {
  search();
}

export function toggle(id: string, on = !selected.value.has(id)): void {
  const next = new Set(selected.value);
  if (on) next.add(id);
  else next.delete(id);
  selected.value = next;
}

/** Values seen of a parameter or tag, the most frequent first: what the filter box proposes. */
export function valuesSeen(entity: string, name: string): string[] {
  const counts = new Map<string, number>();
  for (const run of rows.value?.pager.runs ?? []) {
    const value = (entity === 'tags' ? run.tags : run.params)[name];
    if (value !== undefined) counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  return [...counts].sort((a, b) => b[1] - a[1]).map(([value]) => value);
}

/** Begins to follow the address; the answer ends it. */
export function start(): () => void {
  const stop = new AbortController();
  server('/api/v1/experiments?limit=1000', { signal: stop.signal }).then(
    (json) => (experiments.value = readExperiments(json)),
    () => {},
  );
  let askedFor: string | null | undefined;
  const ends = [
    effect(() => {
      const id = experiment.value;
      if (id === askedFor) return;
      if (askedFor !== undefined) names.value = null;
      askedFor = id;
      server(`/api/v1/runs/columns${id === null ? '' : `?experiment=${encodeURIComponent(id)}`}`, { signal: stop.signal }).then(
        (json) => {
          if (experiment.peek() === id) names.value = readColumnNames(json);
        },
        (error: unknown) => {
          if (!isAborted(error)) refusal.value = error;
        },
      );
    }),
    effect(() => {
      // These are what a search is of.
      void [experiment.value, filter.value, view.value, packSorts(sorts.value), packList(groupBy.value), packList([...columnKeys.value].sort())];
      if (names.value !== null) untracked(search);
    }),
  ];
  return () => {
    stop.abort();
    running?.stop.abort();
    running?.pager?.close();
    for (const end of ends) end();
  };
}

function untracked(act: () => void): void {
  queueMicrotask(act);
}

export function runAt(id: string): Run | undefined {
  for (const pager of [rows.value?.pager, ...open.value.values()]) {
    const found = pager?.runs.find((r) => r.id === id);
    if (found) return found;
  }
  return undefined;
}
