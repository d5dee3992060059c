import { t, type Key } from '../i18n';
import type { CriterionState, MarkKind, Severity, StageId, StageState, VersionState } from './types';
import type { Lane } from '../chart/prepare';

/** The words for what the server names by id. An id without a word is shown as it is. */

const STAGE: Record<StageId, Key> = {
  data: 'stage.data',
  features: 'stage.features',
  train: 'stage.train',
  gate: 'stage.gate',
  register: 'stage.register',
  deploy: 'stage.deploy',
  monitor: 'stage.monitor',
  retrain: 'stage.retrain',
};

const STATE: Record<StageState, Key> = {
  ok: 'state.ok',
  running: 'state.running',
  failed: 'state.failed',
  waiting: 'state.waiting',
  unknown: 'state.unknown',
};

const LOOP: Record<StageState, Key> = {
  ok: 'loop.state.ok',
  running: 'loop.state.running',
  failed: 'loop.state.failed',
  waiting: 'loop.state.waiting',
  unknown: 'loop.state.unknown',
};

const MARK: Record<MarkKind, Key> = {
  drift: 'mark.drift',
  retrain: 'mark.retrain',
  promotion: 'mark.promotion',
  rejection: 'mark.rejection',
  rollback: 'mark.rollback',
};

const LANE: Record<Lane, Key> = { drift: 'lane.drift', retrain: 'lane.retrain', release: 'lane.release' };

const VERSION: Record<VersionState, Key> = {
  champion: 'version.champion',
  canary: 'version.canary',
  shadow: 'version.shadow',
  registered: 'version.registered',
  archived: 'version.archived',
  rejected: 'version.rejected',
  unknown: 'version.unknown',
};

const SEVERITY: Record<Severity, Key> = {
  critical: 'severity.critical',
  warning: 'severity.warning',
  info: 'severity.info',
};

const CRITERION: Record<CriterionState, Key> = {
  met: 'criterion.met',
  below_target: 'criterion.below_target',
  failed: 'criterion.failed',
  unknown: 'criterion.unknown',
};

const COUNT: Record<CriterionState, Key> = {
  met: 'criteria.count.met',
  below_target: 'criteria.count.below_target',
  failed: 'criteria.count.failed',
  unknown: 'criteria.count.unknown',
};

const KIND: Record<string, Key> = {
  data_drift: 'kind.data_drift',
  unseen_categories: 'kind.unseen_categories',
  accuracy_degradation: 'kind.accuracy_degradation',
  latency: 'kind.latency',
  volume: 'kind.volume',
  schema: 'kind.schema',
};

const GROUP: Record<string, Key> = {
  problem: 'group.problem',
  offline_metrics: 'group.offline_metrics',
  online_metrics: 'group.online_metrics',
  system_metrics: 'group.system_metrics',
  constraints: 'group.constraints',
};

const REASON: Record<string, Key> = {
  accuracy_degradation: 'reason.accuracy_degradation',
  data_drift: 'reason.data_drift',
  scheduled_retrain: 'reason.scheduled_retrain',
  new_data_available: 'reason.new_data_available',
};

export const stageName = (id: StageId) => t(STAGE[id]);
export const stateWord = (state: StageState) => t(STATE[state]);
export const loopSentence = (state: StageState, stages: string) => t(LOOP[state], { stages });
export const markWord = (kind: MarkKind) => t(MARK[kind]);
export const laneWord = (lane: Lane) => t(LANE[lane]);
export const versionWord = (state: VersionState) => t(VERSION[state]);
export const severityWord = (severity: Severity) => t(SEVERITY[severity]);
export const criterionWord = (state: CriterionState) => t(CRITERION[state]);
export const criteriaCount = (state: CriterionState, count: number) => t(COUNT[state], { count });
export const kindWord = (kind: string) => known(KIND, kind);
export const groupWord = (group: string) => known(GROUP, group);
export const reasonWord = (reason: string) => known(REASON, reason);

function known(words: Record<string, Key>, id: string): string {
  const key = Object.hasOwn(words, id) ? words[id] : undefined;
  return key ? t(key) : id.replaceAll('_', ' ');
}
