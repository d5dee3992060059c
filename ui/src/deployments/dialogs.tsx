import { useState } from 'preact/hooks';
import { t } from '../i18n';
import { Dialog } from '../parts/dialog';
import { Refused } from '../parts/refused';
import { tell } from '../parts/toast';
import { server } from '../server';
import type { Status } from './types';

interface Shared {
  base: string;
  name: string;
  onClose(): void;
  onDone(): void;
}

/** Back to the version before; asks for the endpoint's name, so that nobody does it by a slip of the hand. */
export function RollbackDialog(props: Shared & { champion: string; before: string }) {
  const [typed, setTyped] = useState('');
  return (
    <Moving
      {...props}
      title={t('deploy.rollback')}
      path="/rollback"
      danger
      ready={typed === props.name}
      act={t('deploy.rollback.do', { version: props.before })}
      done={t('deploy.rollback.done', { version: props.before })}
    >
      <p>{t('deploy.rollback.text', { champion: props.champion, before: props.before })}</p>
      <label class="why-field">
        <span>{t('deploy.rollback.name', { name: props.name })}</span>
        <input class="input" autocomplete="off" spellcheck={false} value={typed} onInput={(event) => setTyped(event.currentTarget.value)} />
      </label>
    </Moving>
  );
}

/** The end of a trial: its version takes all traffic, or none. */
export function EndDialog(props: Shared & { promotes: boolean; status: Status }) {
  const { status } = props;
  const variants = status.experiment?.arms.slice(1).map((arm) => arm.version) ?? [];
  const [version, setVersion] = useState(variants[0] ?? '');
  const trial = status.canary?.version ?? (status.trial === 'shadow' ? status.shadow?.version : null) ?? version;
  return (
    <Moving
      {...props}
      title={props.promotes ? t('deploy.promote') : t('deploy.abort')}
      path={props.promotes ? '/promote' : '/abort'}
      ready
      body={props.promotes && variants.length > 0 ? { version } : {}}
      act={props.promotes ? t('deploy.promote.do', { version: trial }) : t('deploy.abort.do')}
      done={props.promotes ? t('deploy.promote.done', { version: trial }) : t('deploy.abort.done')}
    >
      <p>{props.promotes ? t('deploy.promote.text', { version: trial, champion: status.champion ?? '' }) : t('deploy.abort.text', { champion: status.champion ?? '' })}</p>
      {props.promotes && variants.length > 1 && (
        <fieldset class="choices">
          <legend>{t('deploy.version')}</legend>
          {variants.map((each) => (
            <label key={each}>
              <input type="radio" name="version" checked={version === each} onChange={() => setVersion(each)} />
              {each}
            </label>
          ))}
        </fieldset>
      )}
      {props.promotes && status.experiment && !status.experiment.verdict && <p class="note">{t('deploy.promote.early')}</p>}
    </Moving>
  );
}

function Moving(
  props: Shared & {
    title: string;
    path: string;
    danger?: boolean;
    ready: boolean;
    body?: Record<string, string>;
    act: string;
    done: string;
    children: preact.ComponentChildren;
  },
) {
  const [why, setWhy] = useState('');
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const submit = async (event: Event) => {
    event.preventDefault();
    if (!props.ready) return;
    setBusy(true);
    try {
      await server(props.base + props.path, { body: { ...props.body, ...(why.trim() ? { why: why.trim() } : {}) } });
    } catch (failed) {
      setError(failed);
      setBusy(false);
      return;
    }
    tell({ text: props.done });
    props.onClose();
    props.onDone();
  };
  return (
    <Dialog title={props.title} onClose={props.onClose}>
      <form class="dialog-form" onSubmit={(event) => void submit(event)}>
        {props.children}
        <label class="why-field">
          <span>{t('deploy.why')}</span>
          <textarea rows={2} class="input" maxLength={80} value={why} onInput={(event) => setWhy(event.currentTarget.value)} />
        </label>
        {error !== null && <Refused error={error} />}
        <div class="dialog-foot">
          <button type="button" class="quiet" onClick={props.onClose}>
            {t('app.cancel')}
          </button>
          <button type="submit" class={`quiet ${props.danger ? 'danger' : 'strong'}`} disabled={busy || !props.ready}>
            {props.act}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
