import { instant, list, measure, name, number, object, text, textMap, texts, type Json } from '../json';

/** What `/api/v1/models` says, read without trusting its shape. */

export const STAGES = ['None', 'Staging', 'Production', 'Archived'] as const;
export type StageName = (typeof STAGES)[number];

export type GateState = 'passed' | 'failed' | 'unknown';

export interface Gate {
  name: string;
  threshold: number | null;
  actual: number | null;
  /** The bound is a greatest value, not a least. */
  isMost: boolean;
  state: GateState;
}

export interface Version {
  version: number;
  semver: string | null;
  reason: string | null;
  stage: StageName;
  aliases: string[];
  status: string | null;
  run: string | null;
  source: string | null;
  at: string | null;
  by: string | null;
  gates: Gate[];
  metrics: Record<string, number>;
  lineage: { data: string | null; features: string | null; code: string | null; parents: string[] };
  manifest: { digest: string | null; files: number | null; bytes: number | null; signed: boolean } | null;
  approvals: { who: string; at: string | null }[];
  tags: Record<string, string>;
  description: string | null;
}

export interface Model {
  name: string;
  description: string | null;
  tags: Record<string, string>;
  aliases: Record<string, string>;
  versions: number;
  latest: Version | null;
  production: Version | null;
  updatedAt: string | null;
}

export interface Move {
  at: string | null;
  who: string | null;
  kind: string;
  version: number | null;
  from: string | null;
  to: string | null;
  why: string | null;
  alias: string | null;
  gates: number | null;
}

const MOSTS = /^(log_loss|brier|model_size|latency_p99)|latency|_ms$|loss/;

function readGate(o: Json): Gate | null {
  const called = text(o['name']);
  if (!called) return null;
  const word = typeof o['state'] === 'string' ? o['state'].toLowerCase() : null;
  const state = word === 'passed' || o['passed'] === true ? 'passed' : word === 'failed' || o['passed'] === false ? 'failed' : 'unknown';
  const kind = text(o['kind']);
  return {
    name: called,
    threshold: number(o['threshold']),
    actual: number(o['actual']) ?? number(o['value']),
    isMost: o['comparison'] === '<=' || kind === 'model_size' || kind === 'latency_p99' || (kind !== 'beats' && MOSTS.test(called)),
    state,
  };
}

export function readVersion(value: unknown): Version | null {
  const o = object(value);
  const version = number(o['version']) ?? Number(text(o['version']) ?? NaN);
  if (!Number.isFinite(version)) return null;
  const lineage = object(o['lineage']);
  const manifest = object(o['manifest']);
  const metrics: Record<string, number> = {};
  for (const [key, each] of Object.entries(object(o['metrics']))) {
    const given = measure(each);
    if (given !== null) metrics[key] = given;
  }
  return {
    version,
    semver: text(o['semver']),
    reason: text(o['semver_reason']),
    stage: STAGES.find((s) => s === o['stage']) ?? 'None',
    aliases: texts(o['aliases']),
    status: text(o['status']),
    run: text(o['run_id']),
    source: text(o['source']),
    at: instant(o['created_at']),
    by: text(o['by']),
    gates: list(o['gates'], readGate),
    metrics,
    lineage: { data: text(lineage['data']), features: text(lineage['features']), code: text(lineage['code']), parents: texts(lineage['parents']) },
    manifest: o['manifest']
      ? { digest: text(manifest['digest']), files: number(manifest['files']), bytes: number(manifest['bytes']), signed: manifest['signed'] === true }
      : null,
    approvals: list(o['approvals'], (a) => {
      const who = text(a['who']) ?? text(a['by']);
      return who ? { who, at: instant(a['at']) } : null;
    }),
    tags: textMap(o['tags']),
    description: text(o['description']),
  };
}

export function readModel(o: Json): Model | null {
  const called = text(o['name']);
  if (!called) return null;
  return {
    name: called,
    description: text(o['description']),
    tags: textMap(o['tags']),
    aliases: textMap(o['aliases']),
    versions: number(o['versions']) ?? 0,
    latest: readVersion(o['latest']),
    production: readVersion(o['production']),
    updatedAt: instant(o['updated_at']),
  };
}

export function readModels(json: unknown): { models: Model[]; next: string | null } {
  const o = object(json);
  return { models: list(o['models'], readModel), next: text(o['next']) };
}

export function readWhole(json: unknown): { model: Model; versions: Version[] } | null {
  const o = object(json);
  const model = readModel(object(o['model']));
  if (!model) return null;
  return { model, versions: list(o['versions'], readVersion).toSorted((a, b) => b.version - a.version) };
}

export function readMoves(json: unknown): Move[] {
  return list(object(json)['moves'], (o) => {
    const evidence = object(o['evidence']);
    const gates = evidence['gates'];
    return {
      at: instant(o['at']),
      who: text(o['who']),
      kind: text(o['kind']) ?? 'stage',
      version: number(o['version']),
      from: name(o['from']),
      to: name(o['to']),
      why: text(o['why']),
      alias: text(evidence['alias']),
      gates: Array.isArray(gates) ? gates.length : Array.isArray(o['evidence']) ? (o['evidence'] as unknown[]).length : null,
    };
  });
}

export interface Side {
  name: string;
  from: string | null;
  to: string | null;
}

export interface Difference {
  bump: string | null;
  reasons: string[];
  params: Side[];
  features: { added: string[]; removed: string[] };
  lineage: Side[];
  metrics: Side[];
}

export function readDifference(json: unknown): Difference {
  const o = object(json);
  const sides = (value: unknown): Side[] =>
    Object.entries(object(value)).map(([key, each]) => ({ name: key, from: name(object(each)['from']), to: name(object(each)['to']) }));
  const features = object(o['features']);
  return {
    bump: text(o['bump']),
    reasons: texts(o['reasons']),
    params: sides(o['params']),
    features: { added: texts(features['added']), removed: texts(features['removed']) },
    lineage: sides(o['lineage']),
    metrics: sides(o['metrics']),
  };
}

export interface GraphNode {
  kind: string;
  id: string;
}

export interface GraphEdge {
  from: GraphNode;
  to: GraphNode;
  relation: string;
}

export function readTrail(json: unknown): GraphEdge[] {
  const o = object(json);
  const node = (value: unknown): GraphNode | null => {
    const n = object(value);
    const id = name(n['id']);
    return id === null ? null : { kind: text(n['kind']) ?? '', id };
  };
  const edge = (e: Json): GraphEdge | null => {
    const from = node(e['from']);
    const to = node(e['to']);
    return from && to ? { from, to, relation: text(e['relation']) ?? '' } : null;
  };
  return [...list(o['up'], edge), ...list(o['down'], edge)];
}

/** How many gates a version passes, in all. */
export function verdict(gates: readonly Gate[]): { passed: number; all: number; state: GateState } {
  const passed = gates.filter((g) => g.state === 'passed').length;
  const failed = gates.some((g) => g.state === 'failed');
  return { passed, all: gates.length, state: failed ? 'failed' : passed === gates.length && passed > 0 ? 'passed' : 'unknown' };
}
