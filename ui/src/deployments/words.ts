import { t, type Key } from '../i18n';

const STRATEGIES: Record<string, Key> = {
  blue_green: 'deploy.strategy.blue_green',
  canary: 'deploy.strategy.canary',
  shadow: 'deploy.strategy.shadow',
  ab_test: 'deploy.strategy.ab_test',
};

const ROLES: Record<string, Key> = {
  champion: 'deploy.role.champion',
  canary: 'deploy.role.canary',
  shadow: 'deploy.role.shadow',
  fallback: 'deploy.role.fallback',
};

const MOVES: Record<string, Key> = {
  DEPLOYED: 'deploy.move.deployed',
  CANARY_STARTED: 'deploy.move.canary_started',
  CANARY_STEPPED: 'deploy.move.canary_stepped',
  SHADOW_STARTED: 'deploy.move.shadow_started',
  EXPERIMENT_STARTED: 'deploy.move.experiment_started',
  EXPERIMENT_ENDED: 'deploy.move.experiment_ended',
  PROMOTED: 'deploy.move.promoted',
  ABORTED: 'deploy.move.aborted',
  ROLLED_BACK: 'deploy.move.rolled_back',
  CONFIGURED: 'deploy.move.configured',
};

const RESULTS: Record<string, Key> = {
  CONTROL: 'deploy.result.control',
  BETTER: 'deploy.result.better',
  WORSE: 'deploy.result.worse',
  NO_DIFFERENCE: 'deploy.result.no_difference',
  NONE: 'deploy.result.none',
};

/** The word of an id; the id itself where we have none, such as the name of a test's variant. */
function worded(words: Record<string, Key>, id: string, params: Record<string, string | number> = {}): string {
  const key = words[id];
  return key ? t(key, params) : id;
}

export const strategyWord = (id: string) => worded(STRATEGIES, id);
export const roleWord = (id: string) => worded(ROLES, id);
export const moveWord = (id: string, percent: number) => worded(MOVES, id, { percent });
export const resultWord = (id: string) => worded(RESULTS, id);
