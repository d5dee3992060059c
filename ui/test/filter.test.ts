import { describe, expect, it } from 'vitest';
import { complete } from '../src/runs/complete';
import { check, fieldOf, nearest, toQuery, tokens, writeKey, writeText } from '../src/runs/filter';

describe('a filter', () => {
  it('is right when the language allows it', () => {
    for (const right of [
      '',
      'metrics.auc > 0.8',
      'metrics.auc > -1.5e-3 AND params.depth IN (8, 10)',
      "params.lr = '0.1' or not (tags.stage != 'draft' and status = 'FINISHED')",
      'metrics.`val loss` <= 1',
      'metrics."val loss" <= 1',
      "attributes.run_name ILIKE '%fox%'",
      "tags.stage NOT IN ('a', 'b')",
      "params.note = 'it''s'",
      "start_time > '2026-09-01'",
      'tags.`git.commit` = "abc"',
    ]) {
      expect(check(right), right).toBeNull();
    }
  });

  it('is told what is wrong with it, and where', () => {
    const wrong = (text: string) => {
      const found = check(text);
      return found && [found.code, found.at, found.end];
    };
    expect(wrong('metrics.auc')).toEqual(['operator', 11, 11]);
    expect(wrong('metrics.auc >')).toEqual(['value', 13, 13]);
    expect(wrong("metrics.auc > 'high'")).toEqual(['number', 14, 20]);
    expect(wrong('params.lr = adam')).toEqual(['text', 12, 16]);
    expect(wrong("params.lr = 'adam")).toEqual(['quote', 12, 17]);
    expect(wrong('metrics.auc > 1 params.a')).toEqual(['connector', 16, 24]);
    expect(wrong('(metrics.auc > 1')).toEqual(['close', 16, 16]);
    expect(wrong('params.a in 8')).toEqual(['open', 12, 13]);
    expect(wrong('metrics.auc > 1 and')).toEqual(['field', 19, 19]);
    expect(wrong('auc > 1')).toEqual(['unknown', 0, 3]);
    expect(wrong('# > 1')).toEqual(['sign', 0, 1]);
  });

  it('never hangs or throws on anything typed', () => {
    const signs = ["'", '"', '`', '.', '(', ')', ',', '<', '=', 'a', 'metrics.x', 'in', 'not', ' ', '1', '-', '%', '\\', '한'];
    let state = 7;
    for (let round = 0; round < 3000; round++) {
      let text = '';
      for (let i = 0; i < 12; i++) {
        state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
        text += signs[state % signs.length];
      }
      const fault = check(text);
      if (fault) expect(fault.at).toBeLessThanOrEqual(text.length);
      expect(tokens(text).every((each, i, all) => each.end > each.at && (i === 0 || each.at >= (all[i - 1]?.end ?? 0)))).toBe(true);
      complete(text, text.length, NOTHING);
    }
  });

  it('proposes what a misspelt key is near to', () => {
    expect(nearest('metrcs.auc')).toBe('metrics.auc');
    expect(nearest('statsu')).toBe('status');
    expect(nearest('attributes.run_nme')).toBe('attributes.run_name');
    expect(nearest('zzzzzzzz')).toBeNull();
  });

  it('of plain words looks into names', () => {
    expect(toQuery('brave fox')).toEqual({ filter: "attributes.run_name ILIKE '%brave fox%'", named: 'brave fox' });
    expect(toQuery("it's").named).toBeNull();
    expect(toQuery('metrics.auc > 1').named).toBeNull();
    expect(toQuery('metrics.auc').named).toBeNull();
    expect(toQuery('').named).toBeNull();
  });

  it('writes keys and texts so that they are read back', () => {
    expect(writeKey('metrics', 'val loss')).toBe('metrics.`val loss`');
    expect(writeKey('params', 'a.b_c')).toBe('params.a.b_c');
    expect(writeText("it's")).toBe("'it''s'");
    for (const name of ['a', 'val loss', 'a-b', 'drift/psi', '한국어', 'with"quote']) {
      expect(fieldOf(writeKey('tags', name))?.name, name).toBe(name);
      expect(check(`${writeKey('tags', name)} = 'x'`), name).toBeNull();
    }
  });
});

const NOTHING = { metrics: [], params: [], tags: [], values: () => [] };
const WORDS = {
  metrics: ['auc', 'val loss', 'accuracy'],
  params: ['max_depth', 'algorithm'],
  tags: ['stage'],
  values: (entity: string, name: string) => (entity === 'params' && name === 'algorithm' ? ['gbdt', "it's"] : []),
};
const labels = (text: string, cursor = text.length) => complete(text, cursor, WORDS).map((s) => s.label);

describe('completion', () => {
  it('proposes fields at the start and after AND, operators after a field, values after an operator', () => {
    expect(labels('')[0]).toBe('metrics.auc');
    expect(labels('au')).toEqual(['metrics.auc']);
    expect(labels('acc')).toEqual(['metrics.accuracy']);
    expect(labels('val')).toEqual(['metrics.`val loss`']);
    expect(labels('metrics.auc ')).toEqual(['>', '>=', '<', '<=', '=', '!=']);
    expect(labels('params.algorithm ')).toContain('LIKE');
    expect(labels('params.algorithm = ')).toEqual(['gbdt', "it's"]);
    expect(labels("status = 'FI")).toEqual(['FINISHED']);
    expect(labels('metrics.auc > 1 ')).toEqual(['AND', 'OR']);
    expect(labels('metrics.auc > 1 and max')).toEqual(['params.max_depth']);
    expect(labels('not (stag')).toEqual(['tags.stage']);
    expect(labels("params.algorithm in ('gbdt' ")).toEqual([',', ')']);
  });

  it('replaces the word that is being written, in the middle too', () => {
    const [first] = complete('metrics.a > 1', 9, WORDS);
    expect(first).toMatchObject({ label: 'metrics.auc', from: 0, to: 9 });
    const [value] = complete('params.algorithm = ', 19, WORDS).slice(1);
    expect(value).toMatchObject({ insert: "'it''s'", from: 19 });
  });
});
