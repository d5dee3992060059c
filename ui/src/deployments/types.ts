import { instant, list, measure, number, object, text, texts, type Json } from '../json';

/** What an endpoint serves, and how its trial stands: `GET /api/v1/endpoints/{name}/deployment`. */
export interface Status {
  strategy: string;
  trial: 'canary' | 'shadow' | 'ab_test' | null;
  champion: string | null;
  before: string | null;
  shares: Share[];
  canary: Canary | null;
  shadow: Shadow | null;
  experiment: Experiment | null;
  rehearsing: boolean;
}

export interface Share {
  version: string;
  role: string;
  percent: number;
  answered: number;
  failed: number;
  p50: number | null;
  p95: number | null;
  p99: number | null;
  perSecond: number | null;
}

export interface Canary {
  version: string;
  steps: number[];
  step: number;
  nextAt: string | null;
  findings: { rule: string; state: string; found: string }[];
}

export interface Shadow {
  version: string;
  champion: string;
  rows: number;
  different: number | null;
  mean: number | null;
  max: number | null;
  correlation: number | null;
  histogram: number[];
  slices: { column: string; value: string; rows: number; different: number }[];
  known: number;
  servedLoss: number | null;
  shadowLoss: number | null;
}

export interface Experiment {
  name: string;
  primary: string;
  daysPassed: number;
  daysWanted: number;
  minSampleSize: number;
  arms: { name: string; version: string; percent: number; units: number; known: number }[];
  sampleRatio: number | null;
  missing: string[];
  verdict: Verdict | null;
}

export interface Verdict {
  problem: string | null;
  arms: VerdictArm[];
}

export interface VerdictArm {
  name: string;
  version: string;
  known: number;
  value: number | null;
  effect: { estimate: number; low: number; high: number } | null;
  result: string;
  broken: string[];
}

export function readStatus(json: unknown): Status {
  const o = object(json);
  const trial = text(o['trial']);
  return {
    strategy: text(o['strategy']) ?? '',
    trial: trial === 'canary' || trial === 'shadow' || trial === 'ab_test' ? trial : null,
    champion: text(o['champion']),
    before: text(o['before']),
    shares: list(o['shares'], share),
    canary: o['canary'] ? canary(object(o['canary'])) : null,
    shadow: o['shadow'] ? shadow(object(o['shadow'])) : null,
    experiment: o['experiment'] ? experiment(object(o['experiment'])) : null,
    rehearsing: Boolean(o['rehearsal']),
  };
}

function share(o: Json): Share | null {
  const version = text(o['version']);
  if (!version) return null;
  return {
    version,
    role: text(o['role']) ?? '',
    percent: number(o['percent']) ?? 0,
    answered: number(o['answered']) ?? 0,
    failed: number(o['failed']) ?? 0,
    p50: number(o['p50_ms']),
    p95: number(o['p95_ms']),
    p99: number(o['p99_ms']),
    perSecond: number(o['per_second']),
  };
}

function canary(o: Json): Canary {
  return {
    version: text(o['version']) ?? '',
    steps: Array.isArray(o['steps']) ? o['steps'].filter((s): s is number => typeof s === 'number') : [],
    step: number(o['step']) ?? 0,
    nextAt: instant(o['next_at']),
    findings: list(o['findings'], (f) => ({ rule: text(f['rule']) ?? '', state: text(f['state']) ?? '', found: text(f['found']) ?? '' })),
  };
}

/** A figure that is none where it is not known. */
function known(value: unknown): number | null {
  const given = measure(value);
  return given === null || Number.isNaN(given) ? null : given;
}

function shadow(o: Json): Shadow {
  return {
    version: text(o['version']) ?? '',
    champion: text(o['champion']) ?? '',
    rows: number(o['rows']) ?? 0,
    different: known(o['different']),
    mean: known(o['mean_difference']),
    max: known(o['max_difference']),
    correlation: known(o['correlation']),
    histogram: Array.isArray(o['histogram']) ? o['histogram'].filter((s): s is number => typeof s === 'number') : [],
    slices: list(o['slices'], (s) => ({
      column: text(s['column']) ?? '',
      value: text(s['value']) ?? '',
      rows: number(s['rows']) ?? 0,
      different: number(s['different']) ?? 0,
    })),
    known: number(o['known']) ?? 0,
    servedLoss: known(o['served_log_loss']),
    shadowLoss: known(o['shadow_log_loss']),
  };
}

function experiment(o: Json): Experiment {
  return {
    name: text(o['name']) ?? '',
    primary: text(o['primary']) ?? '',
    daysPassed: number(o['days_passed']) ?? 0,
    daysWanted: number(o['days_wanted']) ?? 0,
    minSampleSize: number(o['min_sample_size']) ?? 0,
    arms: list(o['arms'], (a) => ({
      name: text(a['name']) ?? '',
      version: text(a['version']) ?? '',
      percent: number(a['percent']) ?? 0,
      units: number(a['units']) ?? 0,
      known: number(a['known']) ?? 0,
    })),
    sampleRatio: number(o['sample_ratio']),
    missing: texts(o['missing']),
    verdict: o['verdict'] ? verdict(object(o['verdict'])) : null,
  };
}

function verdict(o: Json): Verdict {
  return {
    problem: text(o['problem']),
    arms: list(o['arms'], (a) => {
      const effect = object(a['effect']);
      const estimate = number(effect['estimate']);
      const low = number(effect['low']);
      const high = number(effect['high']);
      return {
        name: text(a['name']) ?? '',
        version: text(a['version']) ?? '',
        known: number(a['known']) ?? 0,
        value: known(a['value']),
        effect: estimate === null || low === null || high === null ? null : { estimate, low, high },
        result: text(a['result']) ?? '',
        broken: texts(a['broken']),
      };
    }),
  };
}

export interface Move {
  kind: string;
  version: string;
  previous: string | null;
  percent: number;
  who: string;
  why: string;
  at: string | null;
}

export function readMoves(json: unknown): Move[] {
  return list(object(json)['moves'], (m) => ({
    kind: text(m['kind']) ?? '',
    version: text(m['version']) ?? '',
    previous: text(m['previous']),
    percent: number(m['percent']) ?? 0,
    who: text(m['who']) ?? '',
    why: text(m['why']) ?? '',
    at: instant(m['at']),
  }));
}
