import { computed, signal } from '@preact/signals';
import { formatNumber } from '../format';
import en from './en.json';
import ko from './ko.json';
import type compareEn from './compare.en.json';
import type deploymentsEn from './deployments.en.json';
import type modelsEn from './models.en.json';
import type runEn from './run.en.json';
import type runsEn from './runs.en.json';
import type shellEn from './shell.en.json';

type Words = typeof en & typeof runsEn & typeof runEn & typeof compareEn & typeof modelsEn & typeof deploymentsEn & typeof shellEn;
export type Key = keyof Words;
export type Language = 'en' | 'ko';
export type Params = Record<string, string | number>;

const messages: Record<Language, Record<string, string>> = { en: { ...en }, ko: { ...ko } };

export const language = signal<Language>('en');

export const otherLanguage = computed<Language>(() => (language.value === 'en' ? 'ko' : 'en'));

/** A part that is loaded later brings its own messages. */
export function learn<W extends Record<string, string>>(english: W, korean: NoInfer<Record<keyof W, string>>): void {
  Object.assign(messages.en, english);
  Object.assign(messages.ko, korean);
}

/** The message in the chosen language. Reading it in a component subscribes that component to the language. */
export function t(key: Key, params: Params = {}): string {
  const lang = language.value;
  return fill(messages[lang][key] ?? key, params, lang);
}

/**
 * Fills `{name}` and `{count, plural, one {# day} other {# days}}`. Numbers are written as the language writes them.
 */
export function fill(message: string, params: Params, lang: string): string {
  return message.replace(
    /\{(\w+)(?:, plural, one \{([^}]*)\} other \{([^}]*)\})?\}/g,
    (whole, name: string, one: string | undefined, other: string | undefined) => {
      const value = params[name];
      if (value === undefined) return whole;
      const written = typeof value === 'number' ? formatNumber(value, lang) : value;
      if (one === undefined || other === undefined) return written;
      const form = new Intl.PluralRules(lang).select(Number(value)) === 'one' ? one : other;
      return form.replaceAll('#', written);
    },
  );
}

/** The first language of the reader that we speak. */
export function preferred(stored: string | null, languages: readonly string[]): Language {
  if (stored === 'en' || stored === 'ko') return stored;
  for (const tag of languages) {
    if (/^ko\b/i.test(tag)) return 'ko';
    if (/^en\b/i.test(tag)) return 'en';
  }
  return 'en';
}
