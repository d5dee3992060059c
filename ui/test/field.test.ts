import { describe, expect, it } from 'vitest';
import { read, written } from '../src/deployments/field';

describe('a field of the form that tries an endpoint', () => {
  it('is empty for what is missing, and sends it as missing', () => {
    expect(written(null)).toBe('');
    expect(read('', true)).toBeNull();
    expect(read('', false)).toBeNull();
    expect(read('  ', false)).toBeNull();
  });

  it('sends numbers as numbers and texts as texts', () => {
    expect(read(written(-1.5e-3), false)).toBe(-1.5e-3);
    expect(read('0', false)).toBe(0);
    expect(read('007', true)).toBe('007');
  });

  it('never makes a missing value of what is no number', () => {
    for (const typed of ['abc', 'NaN', 'Infinity', '1,5', 'true']) expect(read(typed, false)).toBe(typed);
  });
});
