import { list, measure, number, object, text } from '../json';

/** Metrics over steps or time, as the server tells them: every point where there are few, else the extremes of parts. */

export interface Point {
  step: number;
  /** Milliseconds. */
  at: number;
  first: number;
  min: number;
  max: number;
  last: number;
}

export interface Series {
  run: string;
  key: string;
  /** How many points there are, drawn or not. */
  count: number;
  exact: boolean;
  points: Point[];
}

export function readSeries(json: unknown): Series[] {
  return list(object(json)['series'], (o) => {
    const run = text(o['run']);
    const key = text(o['key']);
    if (!run || !key || !Array.isArray(o['points'])) return null;
    const points: Point[] = [];
    for (const each of o['points'] as unknown[]) {
      if (!Array.isArray(each)) continue;
      const [step, at, first, min, max, last] = (each as unknown[]).map(measure);
      if (step == null || at == null || last == null) continue;
      points.push({ step, at, first: first ?? last, min: min ?? last, max: max ?? last, last });
    }
    return { run, key, count: number(o['count']) ?? points.length, exact: o['exact'] !== false, points };
  });
}

export type Axis = 'step' | 'time' | 'elapsed';

/** What is drawn of a series: along x, the value, and where it stands for many points also their extremes. */
export interface Track {
  x: number[];
  y: (number | null)[];
  /** The value as it was logged, behind a smoothed one. */
  raw: (number | null)[] | null;
  min: (number | null)[] | null;
  max: (number | null)[] | null;
}

export interface View {
  axis: Axis;
  /** 0: as it is; towards 1: smoother. */
  smoothing: number;
  logX: boolean;
  logY: boolean;
}

export function track(series: Series, view: View): Track {
  const start = series.points[0]?.at ?? 0;
  const along = (p: Point) => (view.axis === 'step' ? p.step : view.axis === 'time' ? p.at / 1000 : (p.at - start) / 1000);
  // Two points at one place would be drawn one above the other: the later one holds.
  const points = series.points.toSorted((a, b) => along(a) - along(b)).filter((p, i, all) => i + 1 === all.length || along(all[i + 1] as Point) !== along(p));
  const kept = view.logX ? points.filter((p) => along(p) > 0) : points;
  const shown = (value: number) => (Number.isFinite(value) && (!view.logY || value > 0) ? value : null);
  const logged = kept.map((p) => shown(p.last));
  const smooth = view.smoothing > 0;
  return {
    x: kept.map(along),
    y: smooth ? smoothed(logged, view.smoothing) : logged,
    raw: smooth ? logged : null,
    min: series.exact ? null : kept.map((p) => shown(p.min)),
    max: series.exact ? null : kept.map((p) => shown(p.max)),
  };
}

/** An exponential moving average that starts at the first value instead of at nothing. */
export function smoothed(values: readonly (number | null)[], weight: number): (number | null)[] {
  let last = 0;
  let seen = 0;
  return values.map((value) => {
    if (value === null) return null;
    last = last * weight + (1 - weight) * value;
    seen++;
    return last / (1 - weight ** seen);
  });
}

/** The index of the place nearest to x; -1 if there is none. */
export function nearestIndex(xs: readonly number[], x: number): number {
  let low = 0;
  let high = xs.length - 1;
  if (high < 0) return -1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((xs[middle] as number) < x) low = middle + 1;
    else high = middle;
  }
  return low > 0 && x - (xs[low - 1] as number) <= (xs[low] as number) - x ? low - 1 : low;
}

/** All places of several tracks, each once, and the tracks' values at them: what uPlot draws. */
export function aligned(tracks: readonly { x: number[]; rows: (number | null)[][] }[]): [number[], ...(number | null | undefined)[][]] {
  const all = [...new Set(tracks.flatMap((each) => each.x))].sort((a, b) => a - b);
  const place = new Map(all.map((x, i) => [x, i]));
  const data: [number[], ...(number | null | undefined)[][]] = [all];
  for (const each of tracks) {
    for (const row of each.rows) {
      // Undefined: this track has no point here, and is drawn across; null: it has one that is no number.
      const spread = new Array<number | null | undefined>(all.length);
      each.x.forEach((x, i) => {
        spread[place.get(x) as number] = row[i] ?? null;
      });
      data.push(spread);
    }
  }
  return data;
}

/** Adds a point that has just been logged; an envelope takes it into its last part when it is close. */
export function append(series: Series, step: number, at: number, value: number): Series {
  const last = series.points.at(-1);
  if (last && step < last.step) return series;
  const point: Point = { step, at, first: value, min: value, max: value, last: value };
  const points = last?.step === step ? [...series.points.slice(0, -1), point] : [...series.points, point];
  return { ...series, count: last?.step === step ? series.count : series.count + 1, points };
}

export interface Extent {
  first: number | null;
  last: number | null;
  min: number | null;
  max: number | null;
  lastStep: number | null;
}

export function extent(series: Series): Extent {
  let min: number | null = null;
  let max: number | null = null;
  for (const p of series.points) {
    if (Number.isFinite(p.min) && (min === null || p.min < min)) min = p.min;
    if (Number.isFinite(p.max) && (max === null || p.max > max)) max = p.max;
  }
  return { first: series.points[0]?.first ?? null, last: series.points.at(-1)?.last ?? null, min, max, lastStep: series.points.at(-1)?.step ?? null };
}
