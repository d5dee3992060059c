import { describe, expect, it } from 'vitest';
import { summarize, toDays, xRange, yRange } from '../src/chart/prepare';
import type { Performance } from '../src/overview/types';

function performance(change: Partial<Performance>): Performance {
  return {
    metric: 'auc_roc',
    days: ['2001-03-01', '2001-03-02', '2001-03-03'],
    served: [0.74, null, 0.69],
    first: [0.72, 0.71, 0.67],
    firstVersion: '1.0.0',
    threshold: 0.7,
    marks: [],
    ...change,
  };
}

describe('toDays', () => {
  it('orders days, drops what is no date, and puts marks on their day', () => {
    const days = toDays(
      performance({
        days: ['2001-03-03', 'nonsense', '2001-03-01'],
        marks: [{ at: '2001-03-01T23:59:00Z', kind: 'drift', label: null, version: null }],
      }),
    );
    expect(days.map((d) => d.day)).toEqual(['2001-03-01', '2001-03-03']);
    expect(days.map((d) => d.served)).toEqual([0.69, 0.74]);
    expect(days[0]?.marks).toHaveLength(1);
    expect(days[0]?.x).toBe(983404800);
  });
});

describe('summarize', () => {
  it('compares on the days on which both are known', () => {
    const s = summarize(toDays(performance({})), 0.7);
    expect(s.known).toBe(2);
    expect(s.served).toBeCloseTo(0.715, 12);
    expect(s.first).toBeCloseTo(0.695, 12);
    expect(s.lowest).toEqual({ day: '2001-03-03', value: 0.69 });
    expect(s.below).toBe(1);
  });

  it('says nothing where nothing is known', () => {
    const s = summarize(toDays(performance({ served: [null, null, null] })), 0.7);
    expect(s).toMatchObject({ known: 0, served: null, first: null, lowest: null, below: 0 });
  });
});

describe('ranges', () => {
  it('of y hold every value and the threshold', () => {
    const [low, high] = yRange(toDays(performance({})), 0.7);
    expect(low).toBeLessThan(0.67);
    expect(high).toBeGreaterThan(0.74);
    expect(yRange([], null)).toEqual([0.5, 1]);
  });

  it('of x are a fortnight at least', () => {
    const [from, to] = xRange(toDays(performance({})));
    expect((to - from) / 86_400).toBe(15);
  });
});
