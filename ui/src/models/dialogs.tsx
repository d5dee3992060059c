import { useState } from 'preact/hooks';
import { t } from '../i18n';
import { Dialog } from '../parts/dialog';
import { Refused } from '../parts/refused';
import { tell } from '../parts/toast';
import { server } from '../server';
import { readVersion, STAGES, type Move, type StageName, type Version } from './types';
import { GateBadge, gateValue, stageWord } from './words';

/** Moves a version to another stage, with what speaks against it in sight. */
export function StageDialog(props: { base: string; version: Version; versions: Version[]; onClose(): void; onDone(): void }) {
  const { version: v, versions } = props;
  const [stage, setStage] = useState<StageName>(v.stage === 'Production' ? 'Archived' : v.stage === 'Staging' ? 'Production' : 'Staging');
  const [archive, setArchive] = useState(true);
  const [why, setWhy] = useState('');
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const there = versions.filter((o) => o !== v && o.stage === stage);
  const open = v.gates.filter((g) => g.state !== 'passed');
  const replaces = stage === 'Production' || (stage === 'Staging' && archive);
  const submit = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    let moved: Version | null;
    try {
      moved = readVersion(await server(`${props.base}/versions/${v.version}/stage`, { body: { stage, archive_existing: replaces, why: why.trim() } }));
    } catch (failed) {
      setError(failed);
      setBusy(false);
      return;
    }
    props.onClose();
    props.onDone();
    // What a project serves is in Staging until its canary is through.
    tell({ text: t('model.moved', { version: v.version, stage: stageWord(moved?.stage ?? stage) }) });
  };
  return (
    <Dialog title={t('model.move.title', { version: v.version })} onClose={props.onClose}>
      <form class="dialog-form" onSubmit={(event) => void submit(event)}>
        <fieldset class="choices">
          <legend>{t('model.move.to')}</legend>
          {STAGES.map((each) => (
            <label key={each}>
              <input type="radio" name="stage" checked={stage === each} disabled={each === v.stage} onChange={() => setStage(each)} />
              {stageWord(each)}
              {each === v.stage && <span class="muted"> {t('model.move.now')}</span>}
            </label>
          ))}
        </fieldset>
        {there.length > 0 && replaces && <p class="note">{t('model.move.archives', { versions: there.map((o) => o.version).join(', '), stage: stageWord(stage) })}</p>}
        {stage === 'Staging' && there.length > 0 && (
          <label class="check">
            <input type="checkbox" checked={archive} onChange={(event) => setArchive(event.currentTarget.checked)} />
            {t('model.move.archive')}
          </label>
        )}
        {stage === 'Production' && (
          <div class="note">
            {v.gates.length === 0 ? (
              t('model.move.ungated')
            ) : open.length === 0 ? (
              t('model.move.gates', { count: v.gates.length })
            ) : (
              <>
                {t('model.move.open')}
                <ul class="open-gates">
                  {open.map((gate) => (
                    <li key={gate.name}>
                      <GateBadge state={gate.state} /> {gate.name} {gateValue(gate, gate.actual)}
                    </li>
                  ))}
                </ul>
              </>
            )}
          </div>
        )}
        <label class="why-field">
          <span>{t('model.why')}</span>
          <textarea rows={2} class="input" maxLength={2000} value={why} onInput={(event) => setWhy(event.currentTarget.value)} />
        </label>
        {error !== null && <Refused error={error} />}
        <div class="dialog-foot">
          <button type="button" class="quiet" onClick={props.onClose}>
            {t('app.cancel')}
          </button>
          <button type="submit" class="quiet strong" disabled={busy}>
            {t('model.move.do', { stage: stageWord(stage) })}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

/** Back to the version that was in Production before this one. */
export function RollbackDialog(props: { base: string; versions: Version[]; moves: Move[]; onClose(): void; onDone(): void }) {
  const [why, setWhy] = useState('');
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const now = props.versions.find((v) => v.stage === 'Production');
  const submit = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    try {
      const answer = (await server(`${props.base}/rollback`, { body: { why: why.trim() } })) as { version?: number } | null;
      tell({ text: answer?.version ? t('model.rolled', { version: answer.version }) : t('model.rolled.back') });
    } catch (failed) {
      setError(failed);
      setBusy(false);
      return;
    }
    props.onClose();
    props.onDone();
  };
  return (
    <Dialog title={t('model.rollback')} onClose={props.onClose}>
      <form class="dialog-form" onSubmit={(event) => void submit(event)}>
        <p>{now ? t('model.rollback.text', { version: now.version }) : t('model.rollback.none')}</p>
        <label class="why-field">
          <span>{t('model.why')}</span>
          <textarea rows={2} class="input" maxLength={2000} value={why} onInput={(event) => setWhy(event.currentTarget.value)} />
        </label>
        {error !== null && <Refused error={error} />}
        <div class="dialog-foot">
          <button type="button" class="quiet" onClick={props.onClose}>
            {t('app.cancel')}
          </button>
          <button type="submit" class="quiet danger" disabled={busy}>
            {t('model.rollback.do')}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
