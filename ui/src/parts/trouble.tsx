import { formatInstant } from '../format';
import { language, t } from '../i18n';
import { link } from '../state';
import { Command } from './bits';
import { SignIcon } from './icons';

/** What stands between the page and the server; the page below keeps what it last knew. */
export function Trouble({ known }: { known: boolean }) {
  const { status, seenAt, problem } = link.value;
  if (status !== 'lost' && status !== 'refused') return null;
  const title = status === 'lost' ? t('link.lost.title') : t('link.refused.title');
  const seen = seenAt === null ? '' : formatInstant(new Date(seenAt).toISOString(), language.value);
  return (
    <div class={`trouble ${known ? '' : 'alone'}`}>
      <SignIcon sign="failed" />
      <div>
        {known ? <p class="trouble-title">{title}</p> : <h1 class="trouble-title">{title}</h1>}
        {status === 'refused' ? (
          <p lang={problem ? 'en' : undefined}>{problem ?? t('link.refused.unreadable')}</p>
        ) : known ? (
          <p>{t('link.lost.stale', { time: `${seen} UTC` })}</p>
        ) : (
          <>
            <p>{t('link.lost.never')}</p>
            <Command command="./orrery up" />
          </>
        )}
      </div>
    </div>
  );
}
