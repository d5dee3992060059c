import { signal } from '@preact/signals';
import { t } from '../i18n';
import { SignIcon, UiIcon } from './icons';

/** Word of what was just done, and a way back while it stands. */
export interface Toast {
  text: string;
  failed?: boolean;
  undo?: () => void;
}

const STANDS_MS = 10_000;

export const toast = signal<Toast | null>(null);
let timer: ReturnType<typeof setTimeout> | undefined;

export function tell(next: Toast | null): void {
  clearTimeout(timer);
  toast.value = next;
  if (next && !next.failed) timer = setTimeout(() => (toast.value = null), STANDS_MS);
}

export function Toasts() {
  const now = toast.value;
  return (
    <div class="toasts" role="status">
      {now && (
        <div class={`toast ${now.failed ? 'toast-failed' : ''}`}>
          <SignIcon sign={now.failed ? 'failed' : 'ok'} />
          <span>{now.text}</span>
          {now.undo && (
            <button
              type="button"
              class="quiet"
              onClick={() => {
                now.undo?.();
                tell(null);
              }}
            >
              {t('app.undo')}
            </button>
          )}
          <button type="button" class="bare" aria-label={t('app.dismiss')} onClick={() => tell(null)}>
            <UiIcon name="cross" />
          </button>
        </div>
      )}
    </div>
  );
}
