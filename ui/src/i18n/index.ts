import { computed, signal } from '@preact/signals';
import { formatNumber } from '../format';
import en from './en.json';
import ko from './ko.json';

export type Key = keyof typeof en;
export type Language = 'en' | 'ko';
export type Params = Record<string, string | number>;

const messages: Record<Language, Record<Key, string>> = { en, ko };

export const language = signal<Language>('en');

export const otherLanguage = computed<Language>(() => (language.value === 'en' ? 'ko' : 'en'));

/** The message in the chosen language. Reading it in a component subscribes that component to the language. */
export function t(key: Key, params: Params = {}): string {
  const lang = language.value;
  return fill(messages[lang][key], params, lang);
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
