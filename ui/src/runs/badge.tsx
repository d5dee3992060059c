import { t } from '../i18n';
import { SignIcon, type Sign } from '../parts/icons';
import type { RunState } from './types';

/** The state of a run as a badge and a word. */

export const STATE_SIGN: Record<RunState, Sign> = {
  RUNNING: 'running',
  SCHEDULED: 'waiting',
  FINISHED: 'ok',
  FAILED: 'failed',
  KILLED: 'rejected',
  UNKNOWN: 'unknown',
};

export function stateWord(state: RunState): string {
  switch (state) {
    case 'RUNNING':
      return t('run.state.running');
    case 'SCHEDULED':
      return t('run.state.scheduled');
    case 'FINISHED':
      return t('run.state.finished');
    case 'FAILED':
      return t('run.state.failed');
    case 'KILLED':
      return t('run.state.killed');
    case 'UNKNOWN':
      return t('run.state.unknown');
  }
}

export function RunStateBadge({ state }: { state: RunState }) {
  return (
    <span class={`state state-${STATE_SIGN[state]}`}>
      <SignIcon sign={STATE_SIGN[state]} />
      {stateWord(state)}
    </span>
  );
}
