import type { ComponentType } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { t } from '../i18n';

type Load = () => Promise<{ default: ComponentType }>;

const loaded = new Map<Load, ComponentType>();

/** A part whose code is fetched when it is first needed. */
export function Lazy({ load }: { load: Load }) {
  const [, again] = useState(0);
  const [failed, setFailed] = useState(false);
  const Found = loaded.get(load);
  useEffect(() => {
    if (loaded.has(load)) return;
    let gone = false;
    setFailed(false);
    load().then(
      (module) => {
        loaded.set(load, module.default);
        if (!gone) again((n) => n + 1);
      },
      () => {
        if (!gone) setFailed(true);
      },
    );
    return () => {
      gone = true;
    };
  }, [load]);
  if (Found) return <Found />;
  if (!failed) return null;
  return (
    <div class="alone">
      <h1>{t('app.part.title')}</h1>
      <p class="sentence">{t('app.part.text')}</p>
      <button type="button" class="quiet" onClick={() => location.reload()}>
        {t('app.reload')}
      </button>
    </div>
  );
}
