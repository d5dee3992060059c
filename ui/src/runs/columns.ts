import type { ColumnNames, Run } from './types';

/** The columns of the runs table. A column is named by its key: `metrics.auc`, `params.lr`, `tags.x`, or `status`. */

export type ColumnGroup = 'run' | 'metrics' | 'params' | 'tags';

export interface Column {
  key: string;
  group: ColumnGroup;
  name: string;
  width: number;
  pinned: boolean;
}

export const RUN_COLUMNS = ['status', 'started', 'duration', 'user', 'experiment', 'source', 'id'] as const;
export type RunColumn = (typeof RUN_COLUMNS)[number];

const WIDTHS: Record<RunColumn, number> = { status: 112, started: 124, duration: 104, user: 100, experiment: 120, source: 160, id: 120 };
const WIDTH_MIN = 56;
const WIDTH_MAX = 800;
const METRICS_FIRST = 5;
const PARAMS_FIRST = 5;

export function groupOf(key: string): ColumnGroup {
  const dot = key.indexOf('.');
  const entity = dot < 0 ? '' : key.slice(0, dot);
  return entity === 'metrics' || entity === 'params' || entity === 'tags' ? entity : 'run';
}

export function nameOf(key: string): string {
  return groupOf(key) === 'run' ? key : key.slice(key.indexOf('.') + 1);
}

/** The key by which the server orders, or null if it cannot. */
export function orderKey(key: string): string | null {
  switch (key) {
    case 'name':
      return 'attributes.run_name';
    case 'status':
      return 'attributes.status';
    case 'started':
      return 'attributes.start_time';
    case 'user':
      return 'attributes.user_id';
    case 'duration':
      return 'attributes.duration';
    case 'experiment':
      return 'attributes.experiment_id';
    case 'id':
      return 'attributes.run_id';
    default:
      return groupOf(key) === 'run' ? null : key;
  }
}

/** What a table shows that nobody has chosen columns for. */
export function firstColumns(names: ColumnNames, allExperiments: boolean): string[] {
  const metrics = names.metrics.filter((m) => !m.startsWith('system/'));
  return [
    'status',
    'started',
    'duration',
    ...(allExperiments ? ['experiment'] : []),
    ...metrics.slice(0, METRICS_FIRST).map((m) => `metrics.${m}`),
    ...names.params.slice(0, PARAMS_FIRST).map((p) => `params.${p}`),
  ];
}

export interface Layout {
  widths: Record<string, number>;
  pins: string[];
}

/** The columns in the order they are drawn: pinned ones first, then by group, so that a group has one heading. */
export function arrange(keys: string[], layout: Layout, grouped = false): Column[] {
  const order: ColumnGroup[] = ['run', 'metrics', 'params', 'tags'];
  const columns = [...new Set(keys)].map((key): Column => {
    const group = groupOf(key);
    const name = nameOf(key);
    const usual = group === 'run' ? (WIDTHS[key as RunColumn] ?? 120) : Math.min(200, Math.max(grouped && group === 'metrics' ? 128 : 84, 44 + name.length * 7.2));
    return { key, group, name, width: clampWidth(layout.widths[key] ?? Math.round(usual)), pinned: layout.pins.includes(key) };
  });
  const known = columns.filter((c) => c.group !== 'run' || (RUN_COLUMNS as readonly string[]).includes(c.key));
  return [
    ...known.filter((c) => c.pinned),
    ...order.flatMap((group) => known.filter((c) => !c.pinned && c.group === group)),
  ];
}

export function clampWidth(width: number): number {
  return Math.round(Math.min(WIDTH_MAX, Math.max(WIDTH_MIN, width)));
}

export function spanOf(run: Run, nowMs: number): number | null {
  if (!run.startedAt) return null;
  const end = run.endedAt ? Date.parse(run.endedAt) : run.status === 'RUNNING' ? nowMs : null;
  return end === null ? null : Math.max(0, end - Date.parse(run.startedAt));
}

export interface Sort {
  key: string;
  descending: boolean;
}

/** A click on a heading: a number's best end first, then the other, then none; `add` keeps the other sorts. */
export function toggleSort(sorts: Sort[], key: string, add: boolean): Sort[] {
  const firstDown = groupOf(key) === 'metrics' || key === 'started';
  const at = sorts.findIndex((s) => s.key === key);
  const now = sorts[at];
  const next: Sort | null = !now ? { key, descending: firstDown } : now.descending === firstDown ? { key, descending: !firstDown } : null;
  if (!add) return next ? [next] : [];
  if (!now) return next ? [...sorts, next] : sorts;
  return next ? sorts.with(at, next) : sorts.filter((s) => s.key !== key);
}

/** Lists in an address: names may hold anything, hence each is encoded. */
export function packList(items: readonly string[]): string {
  return items.map((item) => item.replaceAll('~', '~t').replaceAll(',', '~c')).join(',');
}

export function unpackList(packed: string | null): string[] {
  if (!packed) return [];
  return packed.split(',').map((item) => item.replaceAll('~c', ',').replaceAll('~t', '~'));
}

export function packSorts(sorts: readonly Sort[]): string {
  return packList(sorts.map((s) => (s.descending ? '-' : '') + s.key));
}

export function unpackSorts(packed: string | null): Sort[] {
  return unpackList(packed).map((s) => (s.startsWith('-') ? { key: s.slice(1), descending: true } : { key: s, descending: false }));
}

/** A cell of a CSV file that a spreadsheet will not take for a formula. */
export function csvCell(value: string): string {
  const guarded = /^[=+\-@\t\r]/.test(value) && Number.isNaN(Number(value)) ? `'${value}` : value;
  return /[",\n\r]/.test(guarded) ? `"${guarded.replaceAll('"', '""')}"` : guarded;
}
