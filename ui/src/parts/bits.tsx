import type { ComponentChildren } from 'preact';
import { useId, useRef, useState } from 'preact/hooks';
import { formatInstant, formatInstantShort } from '../format';
import { language, t } from '../i18n';
import { said } from '../state';
import { UiIcon } from './icons';

/** A titled section of the page; its heading names the landmark. */
export function Panel(props: { title: string; class?: string; aside?: ComponentChildren; children: ComponentChildren }) {
  const id = useId();
  return (
    <section class={`panel ${props.class ?? ''}`} aria-labelledby={id}>
      <header class="panel-head">
        <h2 id={id}>{props.title}</h2>
        {props.aside}
      </header>
      {props.children}
    </section>
  );
}

/** A dash for the eye, a word for the ear: nobody knows. */
export function Unknown() {
  return (
    <span class="missing">
      <span aria-hidden="true">–</span>
      <span class="hidden">{t('app.unknown')}</span>
    </span>
  );
}

export function Time({ at, short }: { at: string | null; short?: boolean }) {
  if (!at) return <Unknown />;
  const full = `${formatInstant(at, language.value)} UTC`;
  return (
    <time dateTime={at} title={full}>
      {short ? formatInstantShort(at, language.value) : full}
    </time>
  );
}

/** A part of width given by data, set through the style object, which the content security policy allows. */
export function Bar({ share, class: name }: { share: number; class: string }) {
  return <span class={name} style={{ inlineSize: `${Math.round(share * 1000) / 10}%` }} />;
}

export function Command({ command }: { command: string }) {
  const [copied, setCopied] = useState(false);
  const code = useRef<HTMLElement>(null);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(command);
    } catch {
      // Without the clipboard (plain http from afar) the command is at least selected.
      const chosen = getSelection();
      if (code.current) chosen?.selectAllChildren(code.current);
      return;
    }
    setCopied(true);
    said.value = t('app.copied');
    setTimeout(() => setCopied(false), 1600);
  };
  return (
    <span class="command">
      <code ref={code} lang="en">
        {command}
      </code>
      <button type="button" class="quiet" title={copied ? t('app.copied') : t('app.copy')} aria-label={t('app.copy.label', { command })} onClick={() => void copy()}>
        <UiIcon name={copied ? 'done' : 'copy'} />
      </button>
    </span>
  );
}

/** A wide table scrolls in its own region, reachable by keyboard. */
export function Scroll(props: { title: string; stack?: boolean; children: ComponentChildren }) {
  return (
    <div
      class={`scroll ${props.stack ? 'stack' : ''}`}
      role="region"
      aria-label={t('app.table', { title: props.title })}
      tabIndex={0}
    >
      {props.children}
    </div>
  );
}
