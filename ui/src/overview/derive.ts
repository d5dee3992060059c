import type { CriterionState, Criterion, Overview, Performance, StageState, Version } from './types';

/** The version that answers for the endpoint. */
export function champion(o: Overview): Version | null {
  return o.versions.find((v) => v.state === 'champion') ?? null;
}

export interface LastDay {
  day: string;
  served: number;
  first: number | null;
}

/** The last day on which the served model's outcomes are known. */
export function lastKnownDay(p: Performance | null): LastDay | null {
  if (!p) return null;
  for (let i = p.days.length - 1; i >= 0; i--) {
    const served = p.served[i];
    const day = p.days[i];
    if (day && typeof served === 'number') return { day, served, first: p.first[i] ?? null };
  }
  return null;
}

export function countCriteria(criteria: Criterion[]): Record<CriterionState, number> {
  const counts: Record<CriterionState, number> = { met: 0, below_target: 0, failed: 0, unknown: 0 };
  for (const c of criteria) counts[c.state]++;
  return counts;
}

/** What the loop as a whole is doing: the gravest of its stages, and turning when any of them runs. */
export function loopState(states: StageState[]): StageState {
  for (const state of ['failed', 'running'] as const) if (states.includes(state)) return state;
  if (states.every((s) => s === 'unknown')) return 'unknown';
  return states.includes('ok') ? 'ok' : 'waiting';
}

export type Change =
  | { kind: 'champion'; version: string }
  | { kind: 'failed'; stage: Overview['stages'][number]['id'] }
  | { kind: 'critical'; subject: string };

/** What is worth saying aloud: few things, so that a screen reader is not flooded by a loop that turns. */
export function changes(before: Overview | null, after: Overview): Change[] {
  if (!before) return [];
  const heard: Change[] = [];
  const now = champion(after);
  if (now && champion(before)?.version !== now.version) heard.push({ kind: 'champion', version: now.version });
  after.stages.forEach((stage, i) => {
    if (stage.state === 'failed' && before.stages[i]?.state !== 'failed') heard.push({ kind: 'failed', stage: stage.id });
  });
  const known = new Set(before.findings.map((f) => f.id));
  const critical = after.findings.find((f) => f.severity === 'critical' && !known.has(f.id));
  if (critical?.subject) heard.push({ kind: 'critical', subject: critical.subject });
  return heard;
}
