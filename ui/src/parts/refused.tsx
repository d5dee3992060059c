import { t } from '../i18n';
import { Refusal } from '../server';
import { SignIcon } from './icons';

/** Why a part of the page has nothing to show. What the server says is in English. */
export function Refused({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  const refusal = error instanceof Refusal ? error : null;
  return (
    <div class="trouble" role="alert">
      <SignIcon sign="failed" />
      <div>
        <p class="trouble-title">{refusal ? t('app.refused') : t('link.lost.title')}</p>
        {refusal && (
          <p lang="en">
            {refusal.what}
            {refusal.remedy ? `. ${refusal.remedy}` : ''}
          </p>
        )}
        {onRetry && (
          <button type="button" class="quiet" onClick={onRetry}>
            {t('app.retry')}
          </button>
        )}
      </div>
    </div>
  );
}
