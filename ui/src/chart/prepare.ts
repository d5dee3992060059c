import type { Mark, MarkKind, Performance } from '../overview/types';

/** One day of the chart; `x` is the day's start in seconds, as uPlot counts. */
export interface Day {
  day: string;
  x: number;
  served: number | null;
  first: number | null;
  marks: Mark[];
}

const DAY_S = 86_400;

/** The days in order, each with the marks that fell on it. Days that are no dates are left out. */
export function toDays(p: Performance): Day[] {
  const days: Day[] = [];
  p.days.forEach((day, i) => {
    const x = Date.parse(`${day.slice(0, 10)}T00:00:00Z`) / 1000;
    if (Number.isNaN(x)) return;
    days.push({ day: day.slice(0, 10), x, served: p.served[i] ?? null, first: p.first[i] ?? null, marks: [] });
  });
  days.sort((a, b) => a.x - b.x);
  const byDay = new Map(days.map((d) => [d.day, d]));
  for (const mark of p.marks) byDay.get(new Date(mark.at).toISOString().slice(0, 10))?.marks.push(mark);
  return days;
}

export interface Summary {
  days: number;
  /** Days on which the outcomes of the served model are known. */
  known: number;
  /** Means of the daily values over the days on which both are known. */
  served: number | null;
  first: number | null;
  lowest: { day: string; value: number } | null;
  below: number;
}

export function summarize(days: Day[], threshold: number | null): Summary {
  const known = days.filter((d) => d.served !== null);
  const both = days.filter((d) => d.served !== null && d.first !== null);
  let lowest: Summary['lowest'] = null;
  for (const d of known) {
    if (d.served !== null && (lowest === null || d.served < lowest.value)) lowest = { day: d.day, value: d.served };
  }
  return {
    days: days.length,
    known: known.length,
    served: mean((both.length > 0 ? both : known).map((d) => d.served)),
    first: mean(both.map((d) => d.first)),
    lowest,
    below: threshold === null ? 0 : known.filter((d) => (d.served ?? threshold) < threshold).length,
  };
}

function mean(values: (number | null)[]): number | null {
  const given = values.filter((v): v is number => v !== null);
  return given.length === 0 ? null : given.reduce((a, b) => a + b, 0) / given.length;
}

/** The lanes above the curve, from top to bottom. */
export const LANES = ['drift', 'retrain', 'release'] as const;
export type Lane = (typeof LANES)[number];

export const LANE_OF: Record<MarkKind, Lane> = {
  drift: 'drift',
  retrain: 'retrain',
  promotion: 'release',
  rejection: 'release',
  rollback: 'release',
};

/** The range of the y axis: all values and the threshold, with air, on a step of 0.01. */
export function yRange(days: Day[], threshold: number | null): [number, number] {
  const values = days.flatMap((d) => [d.served, d.first]).filter((v): v is number => v !== null);
  if (threshold !== null) values.push(threshold);
  if (values.length === 0) return [0.5, 1];
  const low = Math.min(...values);
  const high = Math.max(...values);
  const air = Math.max(0.01, (high - low) * 0.08);
  return [Math.floor((low - air) * 100) / 100, Math.ceil((high + air) * 100) / 100];
}

/** The range of the x axis: at least a fortnight, so that the first days do not look like a trend. */
export function xRange(days: Day[]): [number, number] {
  const start = days[0]?.x ?? 0;
  const end = days[days.length - 1]?.x ?? start;
  return [start - DAY_S / 2, Math.max(end, start + 14 * DAY_S) + DAY_S / 2];
}
