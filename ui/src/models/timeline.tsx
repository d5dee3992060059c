import { useState } from 'preact/hooks';
import { t } from '../i18n';
import { Panel, Time } from '../parts/bits';
import { reasonWords } from './reason';
import { STAGES, type Move } from './types';
import { stageWord } from './words';

const SHOWN_FIRST = 20;

/** Every move of a stage, an alias or the service, the newest first: who, when, why. */
export function Timeline({ moves }: { moves: Move[] }) {
  const [all, setAll] = useState(false);
  const shown = all ? moves : moves.slice(0, SHOWN_FIRST);
  return (
    <Panel title={t('model.history')}>
      {moves.length === 0 ? (
        <p class="empty">{t('model.history.none')}</p>
      ) : (
        <ol class="timeline">
          {shown.map((move, i) => (
            <li key={i} class={`move move-${move.kind} ${move.to === 'Production' || move.kind === 'deployment' ? 'move-main' : ''}`}>
              <div class="move-head">
                <b>{moveWords(move)}</b>
                <span class="when">
                  <Time at={move.at} />
                  {move.who && `, ${move.who}`}
                </span>
              </div>
              {(move.why || move.gates !== null) && (
                <p class="muted">
                  {[move.why && reasonWords(move.why), move.gates !== null && move.gates > 0 ? t('model.history.gates', { count: move.gates }) : null].filter(Boolean).join(' · ')}
                </p>
              )}
            </li>
          ))}
        </ol>
      )}
      {shown.length < moves.length && (
        <button type="button" class="quiet more-button" onClick={() => setAll(true)}>
          {t('model.history.all', { count: moves.length })}
        </button>
      )}
    </Panel>
  );
}

export function moveWords(move: Move): string {
  const version = move.version ?? '?';
  const stage = (word: string | null) => {
    const known = STAGES.find((s) => s === word);
    return known ? stageWord(known) : (word ?? t('app.none'));
  };
  switch (move.kind) {
    case 'stage':
      return t('move.stage', { version, from: stage(move.from), to: stage(move.to) });
    case 'alias': {
      const alias = move.alias ?? move.to ?? move.from ?? '';
      return move.to === null ? t('move.alias.removed', { alias, version }) : t('move.alias', { alias, version });
    }
    case 'deployment':
      return t('move.deployment', { from: move.from ?? t('app.none'), to: move.to ?? t('app.none') });
    case 'registered':
      return t('move.registered', { version });
    case 'deleted':
      return t('move.deleted', { version });
    case 'approved':
      return t('move.approved', { version });
    default:
      return t('move.other', { kind: move.kind, version });
  }
}
