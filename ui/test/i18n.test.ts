import { describe, expect, it } from 'vitest';
import { fill, preferred } from '../src/i18n';
import { sources } from './helpers';

const files = import.meta.glob<Record<string, string>>('../src/i18n/*.json', { import: 'default', eager: true });
const all = (lang: string) =>
  Object.assign({}, ...Object.keys(files).filter((f) => new RegExp(`[./]${lang}\\.json$`).test(f)).sort().map((f) => files[f])) as Record<string, string>;
const en = all('en');
const ko = all('ko');

const code = Object.values(sources).join('\n');

describe('messages', () => {
  it('are the same keys in both languages, in the same order', () => {
    expect(Object.keys(ko)).toEqual(Object.keys(en));
  });

  it('are all used', () => {
    const unused = Object.keys(en).filter((key) => !code.includes(`'${key}'`));
    expect(unused).toEqual([]);
  });

  it('are all there for every call of t', () => {
    const called = [...code.matchAll(/\bt\(\s*'([^']+)'/g)].map((m) => m[1] as string);
    expect(called.length).toBeGreaterThan(50);
    expect(called.filter((key) => !(key in en))).toEqual([]);
  });

  it('ask for the same parameters in both languages', () => {
    const names = (message: string) => [...new Set([...message.matchAll(/\{(\w+)[,}]/g)].map((m) => m[1]))].sort();
    for (const key of Object.keys(en)) expect(names(ko[key] ?? ''), key).toEqual(names(en[key] ?? ''));
  });

  it('are not empty and hold no markup', () => {
    for (const message of [...Object.values(en), ...Object.values(ko)]) {
      expect(message).not.toBe('');
      expect(message).not.toMatch(/<[a-z!/]/i);
    }
  });
});

describe('fill', () => {
  it('chooses the plural form and writes numbers as the language does', () => {
    const message = 'Over {n, plural, one {# day} other {# days}}.';
    expect(fill(message, { n: 1 }, 'en')).toBe('Over 1 day.');
    expect(fill(message, { n: 12345 }, 'en')).toBe('Over 12,345 days.');
    expect(fill('{n}일', { n: 3 }, 'ko')).toBe('3일');
  });

  it('leaves a parameter it was not given visible, and never reads one inside a value', () => {
    expect(fill('{a} and {b}', { a: '{b}' }, 'en')).toBe('{b} and {b}');
  });
});

describe('preferred', () => {
  it('is the stored language, else the first of the reader that we speak, else English', () => {
    expect(preferred('ko', ['en-US'])).toBe('ko');
    expect(preferred('fr', ['de-DE', 'ko-KR', 'en'])).toBe('ko');
    expect(preferred(null, ['de'])).toBe('en');
    expect(preferred(null, ['kok-IN', 'en-GB'])).toBe('en');
  });
});
