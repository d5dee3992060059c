import { computed, effect, signal } from '@preact/signals';
import { formatNumber } from './format';
import { language, preferred, t, type Language } from './i18n';
import { changes } from './overview/derive';
import { browser, follow, type LinkState } from './overview/link';
import { readOverview } from './overview/read';
import type { Overview } from './overview/types';
import { stageName } from './overview/words';
import { place } from './router';

export const overview = signal<Overview | null>(null);
export const link = signal<LinkState>({ status: 'connecting', streaming: false, seenAt: null, problem: null });
/** What lies over the page. */
export const overlay = signal<'palette' | 'help' | null>(null);
/** The name of what the page shows, for the window's title. */
export const titled = signal('');
/** The sentence a screen reader hears; changes rarely. */
export const said = signal('');

export type Theme = 'auto' | 'light' | 'dark';
export const theme = signal<Theme>('auto');
const systemDark = signal(false);
/** The theme in force; charts repaint when it changes. */
export const dark = computed(() => theme.value === 'dark' || (theme.value === 'auto' && systemDark.value));

export function recall(name: string): string | null {
  try {
    return localStorage.getItem(`orrery.${name}`);
  } catch {
    return null;
  }
}

export function remember(name: string, value: string | null): void {
  try {
    if (value === null) localStorage.removeItem(`orrery.${name}`);
    else localStorage.setItem(`orrery.${name}`, value);
  } catch {
    // Storage may be forbidden; the choice then lasts as long as the page.
  }
}

export function chooseLanguage(lang: Language): void {
  language.value = lang;
  remember('language', lang);
}

export function chooseTheme(chosen: Theme): void {
  theme.value = chosen;
  remember('theme', chosen === 'auto' ? null : chosen);
}

function take(next: Overview): void {
  const heard = changes(overview.value, next).map((change) => {
    if (change.kind === 'champion') return t('say.champion', { version: change.version });
    if (change.kind === 'failed') return t('say.failed', { stage: stageName(change.stage) });
    return t('say.critical', { subject: change.subject });
  });
  overview.value = next;
  if (heard.length > 0) said.value = heard.join(' ');
}

function linkBecame(next: LinkState): void {
  const before = link.value.status;
  link.value = next;
  if (before === next.status) return;
  if (next.status === 'lost') said.value = t('link.lost.title');
  else if (next.status === 'refused') said.value = t('link.refused.title');
  else if (next.status === 'ok' && before !== 'connecting') said.value = t('link.back');
}

/** Starts what the page lives on. */
export function start(): void {
  language.value = preferred(recall('language'), navigator.languages ?? [navigator.language]);
  const chosen = recall('theme');
  theme.value = chosen === 'light' || chosen === 'dark' ? chosen : 'auto';
  const night = matchMedia('(prefers-color-scheme: dark)');
  systemDark.value = night.matches;
  night.addEventListener('change', () => (systemDark.value = night.matches));

  effect(() => {
    document.documentElement.lang = language.value;
  });
  effect(() => {
    if (theme.value === 'auto') delete document.documentElement.dataset['theme'];
    else document.documentElement.dataset['theme'] = theme.value;
  });
  effect(() => {
    const name = place.value.path === '/' ? overview.value?.project : titled.value;
    document.title = name ? `${name} · Orrery` : 'Orrery';
  });
  follow(browser(), (json) => take(readOverview(json)), linkBecame);
}

/** Four significant digits in the reader's language. */
export function n(value: number): string {
  return formatNumber(value, language.value);
}
