import { afterEach, describe, expect, it } from 'vitest';
import { language, learn } from '../src/i18n';
import en from '../src/i18n/models.en.json';
import ko from '../src/i18n/models.ko.json';
import { reasonWords } from '../src/models/reason';

learn(en, ko);
afterEach(() => {
  language.value = 'en';
});

const REASONS = [
  'the first version',
  'patch: trained again, made of the same',
  'minor: new features: a, b; other parameters: depth 3 -> 5',
  'major: another architecture, lightgbm instead of sklearn random_forest; other inputs: +a; features that went or changed: b',
  'by an MLflow client',
  'version 2 came to Production',
  'the contract with callers ends (minor: other parameters: a 1 -> 2)',
];

describe('the reason of a version', () => {
  it('stands in English as the server wrote it', () => {
    language.value = 'en';
    for (const reason of REASONS) expect(reasonWords(reason)).toBe(reason);
  });

  it('is told in Korean, but for what a person wrote', () => {
    language.value = 'ko';
    for (const reason of REASONS.slice(0, 6)) expect(reasonWords(reason)).toMatch(/[가-힣]/);
    expect(reasonWords(REASONS[3] as string)).toContain('sklearn random_forest 대신 lightgbm');
    expect(reasonWords('complaints since noon')).toBe('complaints since noon');
  });
});
