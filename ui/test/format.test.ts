import { describe, expect, it } from 'vitest';
import {
  formatDay,
  formatDifference,
  formatInstant,
  formatLimit,
  formatMetric,
  formatNumber,
  formatScalar,
  formatShare,
  formatTicks,
} from '../src/format';
import { soundLanguage } from '../src/locale';

describe('numbers', () => {
  it('are whole in full, others to four significant digits', () => {
    expect(formatNumber(325424, 'en')).toBe('325,424');
    expect(formatNumber(1.20413, 'en')).toBe('1.204');
    expect(formatNumber(0.00012345, 'en')).toBe('0.0001235');
    expect(formatNumber(5213.7, 'en')).toBe('5,214');
    expect(formatNumber(1e21, 'en')).toBe('1E21');
  });

  it('of a metric have four decimals, a difference its sign', () => {
    expect(formatMetric(0.74, 'en')).toBe('0.7400');
    expect(formatDifference(0.0163, 'ko')).toBe('+0.0163');
    expect(formatDifference(-0.0163, 'en')).toBe('-0.0163');
    expect(formatDifference(0, 'en')).toBe('0.0000');
  });

  it('of a limit read as the files write them', () => {
    expect(formatLimit(0.7, 'en')).toBe('0.70');
    expect(formatLimit(100, 'en')).toBe('100');
    expect(formatScalar('0.70', 'en')).toBe('0.70');
    expect(formatScalar('0.741223', 'en')).toBe('0.7412');
    expect(formatScalar('1000', 'en')).toBe('1,000');
    expect(formatScalar('< 50MB', 'en')).toBe('< 50MB');
  });

  it('never round a share up to a whole it is not', () => {
    expect(formatShare(0.9, 'en')).toBe('90%');
    expect(formatShare(0.9996, 'en')).toBe('99.96%');
    expect(formatShare(1, 'en')).toBe('100%');
  });

  it('on an axis have equal decimals', () => {
    expect(formatTicks([0.7, 0.725, 0.75], 'en')).toEqual(['0.700', '0.725', '0.750']);
    expect(formatTicks([0.7000000000000001, 0.8], 'en')).toEqual(['0.7', '0.8']);
    expect(formatTicks([], 'en')).toEqual([]);
  });
});

describe('times', () => {
  it('are in UTC, wherever the reader is', () => {
    expect(formatDay('2001-03-01', 'en')).toBe('Mar 1, 2001');
    expect(formatDay('2001-03-01', 'ko')).toBe('2001년 3월 1일');
    expect(formatInstant('2001-03-31T23:30:00Z', 'en')).toBe('Mar 31, 2001, 23:30');
    expect(formatInstant('2001-04-01T00:05:00Z', 'en')).toBe('Apr 1, 2001, 00:05');
  });
});

describe('soundLanguage', () => {
  it('makes a language tag of what a POSIX locale leaves', () => {
    expect(soundLanguage('en-US')).toBe('en-US');
    expect(soundLanguage('en-US@posix')).toBe('en-US');
    expect(soundLanguage('ko_KR.UTF-8')).toBe('ko');
    expect(soundLanguage('C')).toBe('en-US');
    expect(soundLanguage('')).toBe('en-US');
    expect(soundLanguage(undefined)).toBe('en-US');
    for (const tag of ['en-US@posix', 'C', '???', 'ko_KR']) expect(() => new Intl.NumberFormat(soundLanguage(tag))).not.toThrow();
  });
});
