import type { Run } from '../runs/types';

/** What sets runs apart, and where their values stand on an axis. */

export interface Differing {
  name: string;
  values: (string | undefined)[];
  /** The value that most runs have; undefined when none is more frequent. */
  usual: string | undefined;
}

/** Parameters of the runs; those first and, if asked, only those that are not the same in all of them. */
export function parameters(runs: readonly Run[], onlyDiffering: boolean): Differing[] {
  const names = [...new Set(runs.flatMap((r) => Object.keys(r.params)))].sort();
  const all = names.map((name) => {
    const values = runs.map((r) => r.params[name]);
    return { name, values, usual: most(values) };
  });
  return all.filter((p) => !onlyDiffering || new Set(p.values).size > 1);
}

function most(values: readonly (string | undefined)[]): string | undefined {
  const counts = new Map<string | undefined, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  const [first, second] = [...counts].sort((a, b) => b[1] - a[1]);
  return first && first[1] > 1 && first[1] > (second?.[1] ?? 0) ? first[0] : undefined;
}

export function metricNames(runs: readonly Run[]): string[] {
  const counts = new Map<string, number>();
  for (const run of runs) for (const name of Object.keys(run.metrics)) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts]
    .sort((a, b) => Number(a[0].startsWith('system/')) - Number(b[0].startsWith('system/')) || b[1] - a[1] || a[0].localeCompare(b[0]))
    .map(([name]) => name);
}

/** One thing to place runs by: numbers in their order, else words beside each other. */
export interface Dimension {
  key: string;
  name: string;
  numeric: boolean;
  /** Of each run, where it stands from 0 to 1; null where it has no value. */
  places: (number | null)[];
  values: (string | number | null)[];
  /** What is written along the axis. */
  marks: { place: number; value: string | number }[];
}

const WORDS_MAX = 24;

export function dimension(key: string, runs: readonly Run[]): Dimension | null {
  const name = key.slice(key.indexOf('.') + 1);
  if (key.startsWith('metrics.')) return numericDimension(key, name, runs.map((r) => r.metrics[name] ?? null));
  const values = runs.map((r) => r.params[name] ?? null);
  const given = values.filter((v): v is string => v !== null);
  if (given.length === 0) return null;
  if (given.every((v) => v.trim() !== '' && Number.isFinite(Number(v)))) {
    return numericDimension(key, name, values.map((v) => (v === null ? null : Number(v))));
  }
  const words = [...new Set(given)].sort();
  const place = (word: string) => (words.length === 1 ? 0.5 : words.indexOf(word) / (words.length - 1));
  return {
    key,
    name,
    numeric: false,
    values,
    places: values.map((v) => (v === null ? null : place(v))),
    marks: words.length <= WORDS_MAX ? words.map((w) => ({ place: place(w), value: w })) : [words[0] as string, words.at(-1) as string].map((w) => ({ place: place(w), value: w })),
  };
}

function numericDimension(key: string, name: string, values: (number | null)[]): Dimension | null {
  const finite = values.filter((v): v is number => v !== null && Number.isFinite(v));
  if (finite.length === 0) return null;
  const least = Math.min(...finite);
  const most = Math.max(...finite);
  const place = (v: number) => (most === least ? 0.5 : (v - least) / (most - least));
  const few = [...new Set(finite)].sort((a, b) => a - b);
  const apart = few.every((v, i) => i === 0 || place(v) - place(few[i - 1] as number) >= MARKS_APART);
  const marks = apart ? few : ticks(least, most);
  return {
    key,
    name,
    numeric: true,
    values,
    places: values.map((v) => (v === null || !Number.isFinite(v) ? null : place(v))),
    marks: marks.map((v) => ({ place: place(v), value: v })),
  };
}

/** Marks nearer to each other than this would be written one over the other. */
const MARKS_APART = 0.1;

/** Round numbers between two, some five of them. */
export function ticks(least: number, most: number): number[] {
  const rough = (most - least) / 6;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 5].find((each) => each * power >= rough) ?? 10) * power;
  const found: number[] = [];
  for (let i = Math.ceil(least / step - 1e-9); i * step <= most + step * 1e-9 && found.length < 12; i++) found.push(Number((i * step).toPrecision(12)));
  return found;
}

export type Brushes = ReadonlyMap<string, readonly [number, number]>;

/** Whether a run lies within all brushes; one without a value lies in none. */
export function kept(index: number, dimensions: readonly Dimension[], brushes: Brushes): boolean {
  return dimensions.every((d) => {
    const brush = brushes.get(d.key);
    if (!brush) return true;
    const place = d.places[index];
    return place !== null && place !== undefined && place >= brush[0] - 1e-9 && place <= brush[1] + 1e-9;
  });
}

/** The axes shown at first: what differs, and the first metrics at the right. */
export function firstAxes(runs: readonly Run[]): string[] {
  const params = parameters(runs, true).slice(0, 5).map((p) => `params.${p.name}`);
  const metrics = metricNames(runs).filter((m) => new Set(runs.map((r) => r.metrics[m])).size > 1).slice(0, 2).map((m) => `metrics.${m}`);
  return [...params, ...metrics];
}
