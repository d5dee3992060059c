/** What `GET /api/v1/overview` says, after reading: anything the server left out is null or empty. */

export const STAGES = ['data', 'features', 'train', 'gate', 'register', 'deploy', 'monitor', 'retrain'] as const;
export type StageId = (typeof STAGES)[number];

export const STAGE_STATES = ['ok', 'running', 'failed', 'waiting', 'unknown'] as const;
export type StageState = (typeof STAGE_STATES)[number];

export const MARK_KINDS = ['drift', 'retrain', 'promotion', 'rejection', 'rollback'] as const;
export type MarkKind = (typeof MARK_KINDS)[number];

export const VERSION_STATES = ['champion', 'canary', 'shadow', 'registered', 'archived', 'rejected', 'unknown'] as const;
export type VersionState = (typeof VERSION_STATES)[number];

export const SEVERITIES = ['critical', 'warning', 'info'] as const;
export type Severity = (typeof SEVERITIES)[number];

export const CRITERION_GROUPS = ['problem', 'offline_metrics', 'online_metrics', 'system_metrics', 'constraints'] as const;
export const CRITERION_STATES = ['met', 'below_target', 'failed', 'unknown'] as const;
export type CriterionState = (typeof CRITERION_STATES)[number];

export interface Stage {
  id: StageId;
  state: StageState;
  detail: string | null;
  at: string | null;
}

export interface Mark {
  at: string;
  kind: MarkKind;
  label: string | null;
  version: string | null;
}

export interface Performance {
  metric: string;
  days: string[];
  served: (number | null)[];
  first: (number | null)[];
  firstVersion: string | null;
  threshold: number | null;
  marks: Mark[];
}

export interface Version {
  version: string;
  state: VersionState;
  /** Share of the traffic, 0 to 1. */
  traffic: number | null;
  registeredAt: string | null;
  reasons: string[];
  aucRoc: number | null;
  dataVersion: string | null;
  run: string | null;
}

export interface Finding {
  id: string;
  at: string | null;
  kind: string;
  severity: Severity;
  subject: string | null;
  message: string | null;
  value: number | null;
  threshold: number | null;
}

export interface Criterion {
  group: string;
  name: string;
  min: string | null;
  target: string | null;
  max: string | null;
  actual: string | null;
  state: CriterionState;
  evidence: string | null;
}

export interface Live {
  predictions: number | null;
  outcomes: number | null;
  ratePerS: number | null;
  p50Ms: number | null;
  p99Ms: number | null;
  errors: number | null;
}

export interface Retrain {
  at: string | null;
  reasons: string[];
  from: string | null;
  to: string | null;
  /** Null: not decided yet. */
  promoted: boolean | null;
}

export interface NextStep {
  text: string;
  command: string | null;
}

export interface Overview {
  project: string | null;
  endpoint: string | null;
  clock: { virtual: boolean; now: string | null };
  /** Always the eight, in the loop's order. */
  stages: Stage[];
  performance: Performance | null;
  versions: Version[];
  findings: Finding[];
  criteria: Criterion[];
  live: Live;
  retrains: Retrain[];
  next: NextStep[];
}
