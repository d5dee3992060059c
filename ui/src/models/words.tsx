import { formatBytes, formatInstant, formatValue } from '../format';
import { language, t } from '../i18n';
import { SignIcon, State, type Sign } from '../parts/icons';
import { verdict, type Gate, type GateState, type StageName } from './types';

const STAGE_SIGN: Record<StageName, Sign> = { None: 'unknown', Staging: 'running', Production: 'ok', Archived: 'waiting' };
const GATE_SIGN: Record<GateState, Sign> = { passed: 'ok', failed: 'failed', unknown: 'unknown' };

export function stageWord(stage: StageName): string {
  switch (stage) {
    case 'None':
      return t('models.stage.none');
    case 'Staging':
      return t('models.stage.staging');
    case 'Production':
      return t('models.stage.production');
    case 'Archived':
      return t('models.stage.archived');
  }
}

export function StageBadge({ stage }: { stage: StageName }) {
  return <State sign={STAGE_SIGN[stage]} word={stageWord(stage)} />;
}

export function gateWord(state: GateState): string {
  switch (state) {
    case 'passed':
      return t('models.gate.passed');
    case 'failed':
      return t('models.gate.failed');
    case 'unknown':
      return t('models.gate.unknown');
  }
}

export function GateBadge({ state }: { state: GateState }) {
  return <State sign={GATE_SIGN[state]} word={gateWord(state)} />;
}

/** Of all gates, in one cell. */
export function GatesInShort({ gates }: { gates: readonly Gate[] }) {
  if (gates.length === 0) return <span class="muted">{t('models.gates.none.short')}</span>;
  const v = verdict(gates);
  return (
    <span class={`state state-${GATE_SIGN[v.state]}`} title={gates.filter((g) => g.state !== 'passed').map((g) => g.name).join(', ')}>
      <SignIcon sign={GATE_SIGN[v.state]} />
      {t('models.gates.count', { passed: v.passed, all: v.all })}
    </span>
  );
}

/** What a gate measures, in the unit that its name tells. */
export function gateValue(gate: Gate, value: number | null): string | null {
  if (value === null) return null;
  if (gate.name === 'model_size') return formatBytes(value, language.value);
  return `${formatValue(value, language.value)}${/latency|_ms$/.test(gate.name) ? ' ms' : ''}`;
}

export function when(at: string | null): string {
  return at ? formatInstant(at, language.value) : '';
}
