import { useState } from 'preact/hooks';
import { t } from '../i18n';
import { said } from '../state';
import { UiIcon } from './icons';

/** Several lines to be copied. */
export function Snippet({ text }: { text: string }) {
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      return;
    }
    setCopied(true);
    said.value = t('app.copied');
    setTimeout(() => setCopied(false), 1600);
  };
  return (
    <div class="snippet">
      <pre tabIndex={0} lang="en">
        <code>{text}</code>
      </pre>
      <button type="button" class="quiet" title={copied ? t('app.copied') : t('app.copy')} aria-label={t('app.copy')} onClick={() => void copy()}>
        <UiIcon name={copied ? 'done' : 'copy'} />
      </button>
    </div>
  );
}
