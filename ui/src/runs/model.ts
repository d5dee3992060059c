import type { Pager } from './pager';
import { groupOf, nameOf, type Sort } from './columns';
import type { Group, Run } from './types';

/** Rows of a table as they lie one below the other, most of them never drawn. */

export const ROW_PX = 32;
export const GROUP_PX = 48;

export type RowView =
  | { kind: 'run'; run: Run | null; index: number }
  | { kind: 'group'; group: Group; opened: boolean };

export interface RowModel {
  count: number;
  height: number;
  topOf(index: number): number;
  indexAt(y: number): number;
  rowAt(index: number): RowView;
  /** Loads what lies between two rows. */
  want(from: number, to: number): void;
}

export function flatModel(pager: Pager): RowModel {
  return {
    count: pager.length,
    height: pager.length * ROW_PX,
    topOf: (index) => index * ROW_PX,
    indexAt: (y) => Math.floor(y / ROW_PX),
    rowAt: (index) => ({ kind: 'run', run: pager.runs[index] ?? null, index }),
    want: (_from, to) => pager.want(to),
  };
}

interface Segment {
  group: Group;
  pager: Pager | undefined;
  first: number;
  top: number;
  children: number;
}

/** Groups, each with its runs below it when it is open. */
export function groupedModel(groups: Group[], openOf: (group: Group) => Pager | undefined): RowModel {
  const segments: Segment[] = [];
  let first = 0;
  let top = 0;
  for (const group of groups) {
    const pager = openOf(group);
    const children = pager ? (pager.started ? pager.length : Math.min(group.count, 50)) : 0;
    segments.push({ group, pager, first, top, children });
    first += 1 + children;
    top += GROUP_PX + children * ROW_PX;
  }
  const find = (before: (s: Segment) => boolean): Segment | undefined => {
    let low = 0;
    let high = segments.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (before(segments[middle] as Segment)) low = middle;
      else high = middle - 1;
    }
    return segments[low];
  };
  const at = (index: number) => find((s) => s.first <= index);
  return {
    count: first,
    height: top,
    topOf: (index) => {
      const s = at(index);
      return !s ? 0 : index === s.first ? s.top : s.top + GROUP_PX + (index - s.first - 1) * ROW_PX;
    },
    indexAt: (y) => {
      const s = find((each) => each.top <= y);
      if (!s) return 0;
      const below = y - s.top - GROUP_PX;
      return below < 0 ? s.first : Math.min(s.first + s.children, s.first + 1 + Math.floor(below / ROW_PX));
    },
    rowAt: (index) => {
      const s = at(index) as Segment;
      if (index === s.first) return { kind: 'group', group: s.group, opened: s.pager !== undefined };
      const child = index - s.first - 1;
      return { kind: 'run', run: s.pager?.runs[child] ?? null, index: child };
    },
    want: (from, to) => {
      for (const s of segments) {
        if (!s.pager || s.first > to || s.first + s.children < from) continue;
        s.pager.want(Math.min(s.children, to - s.first));
      }
    },
  };
}

/** Groups in the order of the table: by the mean of a metric or by what they have in common; else by that, smallest first. */
export function orderGroups(groups: readonly Group[], sorts: readonly Sort[]): Group[] {
  const given = sorts.filter((s) => groupOf(s.key) === 'metrics' || groups.some((g) => s.key in g.key));
  const keys = given.length > 0 ? given : Object.keys(groups[0]?.key ?? {}).map((key) => ({ key, descending: false }));
  const valueOf = (group: Group, key: string) => (key in group.key ? group.key[key] : group.metrics[nameOf(key)]?.mean) ?? null;
  return groups.toSorted((a, b) => {
    for (const { key, descending } of keys) {
      const order = compared(valueOf(a, key), valueOf(b, key), descending);
      if (order !== 0) return order;
    }
    return b.count - a.count;
  });
}

/** Numbers as numbers, also those written as texts; what is unknown comes last either way. */
function compared(a: string | number | null, b: string | number | null, descending: boolean): number {
  if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1;
  const numeric = Number(a) - Number(b);
  const order = Number.isNaN(numeric) ? String(a).localeCompare(String(b)) : numeric;
  return descending ? -order : order;
}
