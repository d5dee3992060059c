import { instant, list, measure, measureMap, name, number, object, text, textMap, texts, type Json } from '../json';

/** What `/api/v1/runs/...` says, read without trusting its shape. */

export const RUN_STATES = ['RUNNING', 'SCHEDULED', 'FINISHED', 'FAILED', 'KILLED'] as const;
export type RunState = (typeof RUN_STATES)[number] | 'UNKNOWN';

export interface Run {
  id: string;
  name: string;
  experiment: string | null;
  status: RunState;
  deleted: boolean;
  user: string | null;
  startedAt: string | null;
  endedAt: string | null;
  source: string | null;
  metrics: Record<string, number>;
  params: Record<string, string>;
  tags: Record<string, string>;
}

export function readRun(o: Json): Run | null {
  const id = text(o['id']);
  if (!id) return null;
  return {
    id,
    name: text(o['name']) ?? id.slice(0, 8),
    experiment: name(o['experiment']),
    status: RUN_STATES.find((state) => state === o['status']) ?? 'UNKNOWN',
    deleted: o['lifecycle'] === 'deleted',
    user: text(o['user']),
    startedAt: instant(o['started_at']),
    endedAt: instant(o['ended_at']),
    source: text(o['source']),
    metrics: measureMap(o['metrics']),
    params: textMap(o['params']),
    tags: textMap(o['tags']),
  };
}

export interface RunsPage {
  runs: Run[];
  count: number | null;
  next: string | null;
}

export function readRunsPage(json: unknown): RunsPage {
  const o = object(json);
  return { runs: list(o['runs'], readRun), count: number(o['count']), next: text(o['next']) };
}

export interface Experiment {
  id: string;
  name: string;
  runs: number | null;
}

export function readExperiments(json: unknown): Experiment[] {
  return list(object(json)['experiments'], (o) => {
    const id = name(o['id']);
    return id === null ? null : { id, name: text(o['name']) ?? id, runs: number(o['runs']) };
  });
}

export interface ColumnNames {
  metrics: string[];
  params: string[];
  tags: string[];
}

export function readColumnNames(json: unknown): ColumnNames {
  const o = object(json);
  return { metrics: texts(o['metrics']), params: texts(o['params']), tags: texts(o['tags']) };
}

export interface Spread {
  mean: number | null;
  min: number | null;
  max: number | null;
  count: number | null;
}

export interface Group {
  /** By column, null where the runs of the group have no value. */
  key: Record<string, string | null>;
  count: number;
  metrics: Record<string, Spread>;
}

export function readGroups(json: unknown): Group[] {
  return list(object(json)['groups'], (o) => {
    const key: Record<string, string | null> = {};
    for (const [column, value] of Object.entries(object(o['key']))) key[column] = name(value);
    const metrics: Record<string, Spread> = {};
    for (const [metric, value] of Object.entries(object(o['metrics']))) {
      const spread = object(value);
      metrics[metric] = {
        mean: measure(spread['mean']),
        min: measure(spread['min']),
        max: measure(spread['max']),
        count: number(spread['count']),
      };
    }
    return { key, count: number(o['count']) ?? 0, metrics };
  });
}
