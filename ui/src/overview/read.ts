import { instant, list, number, object, text, texts, type Json } from '../json';
import {
  CRITERION_STATES,
  MARK_KINDS,
  SEVERITIES,
  STAGES,
  STAGE_STATES,
  VERSION_STATES,
  type Criterion,
  type Finding,
  type Mark,
  type NextStep,
  type Overview,
  type Performance,
  type Retrain,
  type Stage,
  type Version,
} from './types';

/**
 * Reads the server's answer without trusting its shape: a field that is missing or of another type becomes null, an
 * unknown word becomes `unknown`, and nothing throws. A page that shows "unknown" is honest; one that dies is not.
 */
export function readOverview(json: unknown): Overview {
  const o = object(json);
  const clock = object(o['clock']);
  const live = object(o['live']);
  return {
    project: text(o['project']),
    endpoint: text(o['endpoint']),
    clock: { virtual: clock['virtual'] === true, now: instant(clock['now']) },
    stages: readStages(o['stages']),
    performance: readPerformance(o['performance']),
    versions: list(o['versions'], readVersion),
    findings: list(o['findings'], readFinding),
    criteria: list(o['criteria'], readCriterion),
    live: {
      predictions: number(live['predictions']),
      outcomes: number(live['outcomes']),
      ratePerS: number(live['rate_per_s']),
      p50Ms: number(live['p50_ms']),
      p99Ms: number(live['p99_ms']),
      errors: number(live['errors']),
    },
    retrains: list(o['retrains'], readRetrain),
    next: list(o['next'], readNext),
  };
}

function readStages(value: unknown): Stage[] {
  const given = list(value, (s) => s);
  return STAGES.map((id) => {
    const stage = given.find((s) => s['id'] === id) ?? {};
    return {
      id,
      state: word(stage['state'], STAGE_STATES, 'unknown'),
      detail: text(stage['detail']),
      at: instant(stage['at']),
    };
  });
}

function readPerformance(value: unknown): Performance | null {
  const o = object(value);
  const days = Array.isArray(o['days']) ? o['days'].map((d) => text(d) ?? '') : [];
  if (days.length === 0) return null;
  const series = (name: string): (number | null)[] => {
    const given = Array.isArray(o[name]) ? (o[name] as unknown[]) : [];
    return days.map((_, i) => number(given[i]));
  };
  return {
    metric: text(o['metric']) ?? 'auc_roc',
    days,
    served: series('served'),
    first: series('first'),
    firstVersion: text(o['first_version']),
    threshold: number(o['threshold']),
    marks: list(o['marks'], readMark),
  };
}

function readMark(o: Json): Mark | null {
  const at = instant(o['at']);
  const kind = MARK_KINDS.find((k) => k === o['kind']);
  return at && kind ? { at, kind, label: text(o['label']), version: text(o['version']) } : null;
}

function readVersion(o: Json): Version | null {
  const version = text(o['version']);
  if (!version) return null;
  return {
    version,
    state: word(o['state'], VERSION_STATES, 'unknown'),
    traffic: share(o['traffic']),
    registeredAt: instant(o['registered_at']),
    reasons: texts(o['reasons']),
    aucRoc: number(o['auc_roc']),
    dataVersion: text(o['data_version']),
    run: text(o['run']),
  };
}

function readFinding(o: Json): Finding {
  return {
    id: text(o['id']) ?? '',
    at: instant(o['at']),
    kind: text(o['kind']) ?? 'unknown',
    severity: word(o['severity'], SEVERITIES, 'info'),
    subject: text(o['subject']),
    message: text(o['message']),
    value: number(o['value']),
    threshold: number(o['threshold']),
  };
}

function readCriterion(o: Json): Criterion | null {
  const name = text(o['name']);
  if (!name) return null;
  const actual = scalar(o['actual']);
  return {
    group: text(o['group']) ?? 'constraints',
    name,
    min: scalar(o['min']),
    target: scalar(o['target']),
    max: scalar(o['max']),
    actual,
    // Without a measurement nothing is met, whatever the word says.
    state: actual === null ? 'unknown' : word(o['state'], CRITERION_STATES, 'unknown'),
    evidence: text(o['evidence']),
  };
}

function readRetrain(o: Json): Retrain {
  return {
    at: instant(o['at']),
    reasons: texts(o['reasons']),
    from: text(o['from']),
    to: text(o['to']),
    promoted: typeof o['promoted'] === 'boolean' ? o['promoted'] : null,
  };
}

function readNext(o: Json): NextStep | null {
  const words = text(o['text']) ?? text(o['command']);
  return words ? { text: words, command: text(o['command']) } : null;
}

/** A bound or a measurement that may come as "0.70", 0.7 or "< 100ms". */
function scalar(value: unknown): string | null {
  return typeof value === 'number' && Number.isFinite(value) ? String(value) : text(value);
}

function share(value: unknown): number | null {
  const n = number(value);
  return n === null ? null : Math.min(1, Math.max(0, n));
}

function word<T extends string>(value: unknown, words: readonly T[], otherwise: T): T {
  return words.find((w) => w === value) ?? otherwise;
}
