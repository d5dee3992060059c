import { describe, expect, it, vi } from 'vitest';
import { decimalsFor, formatAligned, formatBytes, formatSpan, formatValue } from '../src/format';
import { keyName } from '../src/keys';
import { comparedIds, fromMlflow, routeOf } from '../src/router';
import { arrange, csvCell, firstColumns, packList, packSorts, toggleSort, unpackList, unpackSorts } from '../src/runs/columns';
import { flatModel, GROUP_PX, groupedModel, orderGroups, ROW_PX } from '../src/runs/model';
import { Pager } from '../src/runs/pager';
import { readRunsPage, type Group } from '../src/runs/types';
import { refusalOf } from '../src/server';

describe('an address', () => {
  it('is of a page, whatever it holds', () => {
    expect(routeOf('/')).toEqual({ page: 'overview' });
    expect(routeOf('/p/flights')).toEqual({ page: 'overview' });
    expect(routeOf('/runs')).toEqual({ page: 'runs' });
    expect(routeOf('/runs/')).toEqual({ page: 'runs' });
    expect(routeOf('/runs/a%2Fb')).toEqual({ page: 'run', id: 'a/b' });
    expect(routeOf('/models/late.arrival')).toEqual({ page: 'model', name: 'late.arrival' });
    expect(routeOf('/models/%E0%A4%A')).toEqual({ page: 'model', name: '%E0%A4%A' });
    expect(routeOf('/compare')).toEqual({ page: 'compare' });
    expect(routeOf('/else')).toEqual({ page: 'missing' });
    expect(routeOf('/runs/a/b')).toEqual({ page: 'missing' });
  });

  it('that an MLflow client prints is of the same thing here', () => {
    const run = '0123456789abcdef0123456789abcdef';
    expect(fromMlflow(`#/experiments/4/runs/${run}`)).toBe(`/runs/${run}`);
    expect(fromMlflow(`#/experiments/4/runs/${run}/artifacts/model`)).toBe(`/runs/${run}`);
    expect(fromMlflow('#/experiments/4')).toBe('/runs?experiment=4');
    expect(fromMlflow('#/experiments/4/models/m-1')).toBe('/runs?experiment=4');
    expect(fromMlflow('#/experiments')).toBe('/runs');
    expect(fromMlflow('#/models')).toBe('/models');
    expect(fromMlflow('#/models/late%20arrival/versions/3')).toBe('/models/late%20arrival?version=3');
    expect(fromMlflow('#/models/a/versions/"><img>')).toBe('/models/a');
    expect(fromMlflow(`#/compare-runs?runs=["${run}"]&experiments=["4"]`)).toBe(`/compare?ids=${run}`);
    expect(fromMlflow('#content')).toBeNull();
    expect(fromMlflow('#/settings')).toBeNull();
    expect(fromMlflow('#/experiments/javascript:alert(1)')).toBe('/runs');
  });

  it('of a comparison names each run once', () => {
    expect(comparedIds(new URLSearchParams('ids=a,b,a,,c'))).toEqual(['a', 'b', 'c']);
    expect(comparedIds(new URLSearchParams(''))).toEqual([]);
  });

  it('keeps lists of any names', () => {
    for (const list of [['a', 'b'], ['a,b', '~', '~c'], ['metrics.val loss']]) expect(unpackList(packList(list))).toEqual(list);
    expect(unpackList('')).toEqual([]);
    expect(unpackSorts(packSorts([{ key: 'metrics.a', descending: true }, { key: 'name', descending: false }]))).toEqual([
      { key: 'metrics.a', descending: true },
      { key: 'name', descending: false },
    ]);
  });
});

describe('numbers in columns', () => {
  it('have as many decimals as their usual value needs', () => {
    expect(decimalsFor([0.81, 0.79, 0.8123])).toBe(4);
    expect(decimalsFor([120.5, 99.1])).toBe(1);
    expect(decimalsFor([1, 2, 3])).toBe(0);
    expect(decimalsFor([NaN, Infinity])).toBe(0);
    expect(decimalsFor([])).toBe(0);
    expect(decimalsFor([1e-9, 2e-9])).toBe(6);
  });

  it('stand under each other, and none is shown as nothing', () => {
    expect(formatAligned(0.8, 4, 'en')).toBe('0.8000');
    expect(formatAligned(0.00001, 4, 'en')).toBe('1E-5');
    expect(formatAligned(NaN, 4, 'en')).toBe('NaN');
    expect(formatAligned(-Infinity, 4, 'en')).toBe('-∞');
    expect(formatValue(0.0000123456, 'en')).toBe('1.235E-5');
    expect(formatValue(0, 'en')).toBe('0');
  });

  it('of bytes and of time have their units', () => {
    expect(formatBytes(0, 'en')).toBe('0 B');
    expect(formatBytes(1_873_741_824, 'en')).toBe('1.87 GB');
    expect(formatSpan(420, 'en')).toBe('420 ms');
    expect(formatSpan(9_400, 'en')).toBe('9.4 s');
    expect(formatSpan(59_999, 'en')).toBe('60 s');
    expect(formatSpan(131_000, 'en')).toBe('2 min 11 s');
    expect(formatSpan(3_600_000 * 2 + 60_000, 'ko')).toBe('2시간 01분');
    expect(formatSpan(86_400_000 * 3, 'en')).toBe('3 d 0 h');
  });
});

describe('columns', () => {
  it('stand in groups, pinned ones first, each once', () => {
    const shown = arrange(['params.a', 'metrics.b', 'status', 'metrics.b', 'nonsense', 'tags.t'], { widths: { status: 9 }, pins: ['tags.t'] });
    expect(shown.map((c) => c.key)).toEqual(['tags.t', 'status', 'metrics.b', 'params.a']);
    expect(shown[1]?.width).toBe(56);
  });

  it('shown first are few, and no system metrics', () => {
    const many = Array.from({ length: 30 }, (_, i) => `m${i}`);
    const first = firstColumns({ metrics: ['system/cpu', ...many], params: many, tags: ['t'] }, true);
    expect(first).toHaveLength(14);
    expect(first).toContain('experiment');
    expect(first).not.toContain('metrics.system/cpu');
  });

  it('sort by their best end first, then the other, then not', () => {
    const once = toggleSort([], 'metrics.auc', false);
    expect(once).toEqual([{ key: 'metrics.auc', descending: true }]);
    const twice = toggleSort(once, 'metrics.auc', false);
    expect(twice).toEqual([{ key: 'metrics.auc', descending: false }]);
    expect(toggleSort(twice, 'metrics.auc', false)).toEqual([]);
    expect(toggleSort(once, 'params.a', true)).toHaveLength(2);
    expect(toggleSort(once, 'params.a', false)).toHaveLength(1);
  });

  it('go to files without becoming formulas', () => {
    expect(csvCell('=HYPERLINK("x")')).toBe(`"'=HYPERLINK(""x"")"`);
    expect(csvCell('-0.5')).toBe('-0.5');
    expect(csvCell('a,b')).toBe('"a,b"');
  });
});

const page = (from: number, to: number, count: number) => ({
  runs: Array.from({ length: to - from }, (_, i) => ({ id: `r${from + i}`, name: `n${from + i}` })),
  count,
  next: to < count ? String(to) : null,
});

describe('rows', () => {
  it('are loaded as far as they are looked at, in order', async () => {
    const asked: (string | null)[] = [];
    const pager = new Pager(
      (limit, at) => {
        asked.push(at);
        const from = Number(at ?? 0);
        return Promise.resolve(page(from, Math.min(950, from + limit), 950));
      },
      () => {},
    );
    pager.want(1);
    await vi.waitFor(() => expect(pager.runs).toHaveLength(200));
    expect(pager.length).toBe(950);
    pager.want(900);
    await vi.waitFor(() => expect(pager.runs).toHaveLength(950));
    expect(asked).toEqual([null, '200']);
    expect(pager.runs[949]?.id).toBe('r949');
    pager.want(2000);
    expect(asked).toHaveLength(2);
  });

  it('stop at a refusal and say so once', async () => {
    let heard = 0;
    const pager = new Pager(
      () => Promise.reject(new Error('no')),
      () => heard++,
    );
    pager.want(1);
    await vi.waitFor(() => expect(pager.error).not.toBeNull());
    pager.want(100);
    expect(heard).toBe(1);
  });

  it('of an answer without shape are none', () => {
    for (const odd of [null, 3, [], { runs: 'x' }, { runs: [null, {}, { id: 5 }] }]) expect(readRunsPage(odd).runs).toEqual([]);
    const [run] = readRunsPage({ runs: [{ id: 'a', metrics: { m: 'NaN', n: 1, o: {} }, params: { p: 3 }, started_at: 'never' }] }).runs;
    expect(run).toMatchObject({ name: 'a', status: 'UNKNOWN', metrics: { m: NaN, n: 1 }, params: { p: '3' }, startedAt: null });
  });

  it('lie where they are drawn, with groups open and closed', () => {
    const groups: Group[] = ['a', 'b', 'c'].map((v) => ({ key: { 'params.x': v }, count: 10, metrics: {} }));
    const pager = { started: true, length: 4, runs: [], want: () => {} } as unknown as Pager;
    const model = groupedModel(groups, (g) => (g.key['params.x'] === 'b' ? pager : undefined));
    expect(model.count).toBe(7);
    expect(model.height).toBe(3 * GROUP_PX + 4 * ROW_PX);
    for (let i = 0; i < model.count; i++) expect(model.indexAt(model.topOf(i) + 1)).toBe(i);
    expect(model.rowAt(1)).toMatchObject({ kind: 'group', opened: true });
    expect(model.rowAt(2)).toMatchObject({ kind: 'run', index: 0 });
    expect(model.rowAt(6)).toMatchObject({ kind: 'group', opened: false });
    expect(groupedModel([], () => undefined)).toMatchObject({ count: 0, height: 0 });
    const flat = flatModel(pager);
    expect(flat.indexAt(flat.topOf(3))).toBe(3);
  });

  it('of groups follow the order of the table', () => {
    const group = (x: string | null, mean: number | null): Group => ({ key: { 'params.x': x }, count: 1, metrics: { m: { mean, min: null, max: null, count: 1 } } });
    const all = [group('10', 0.5), group('9', 0.7), group(null, null)];
    expect(orderGroups(all, []).map((g) => g.key['params.x'])).toEqual(['9', '10', null]);
    expect(orderGroups(all, [{ key: 'metrics.m', descending: false }]).map((g) => g.key['params.x'])).toEqual(['10', '9', null]);
    expect(orderGroups(all, [{ key: 'metrics.m', descending: true }]).map((g) => g.key['params.x'])).toEqual(['9', '10', null]);
  });
});

describe('a refusal', () => {
  it('keeps the words of the server and what to do', () => {
    expect(refusalOf('{"title":"t","detail":"d","remedy":"r"}', 400)).toMatchObject({ what: 'd', remedy: 'r' });
    expect(refusalOf('{"error_code":"X","message":"m"}', 400)).toMatchObject({ what: 'm', remedy: null });
    expect(refusalOf('<html>', 502)).toMatchObject({ what: 'HTTP 502' });
    expect(refusalOf('null', 500)).toMatchObject({ what: 'HTTP 500' });
  });
});

describe('keys', () => {
  it('are called by what was pressed', () => {
    const pressed = (key: string, more = {}) => keyName({ key, ctrlKey: false, metaKey: false, altKey: false, ...more });
    expect(pressed('J')).toBe('j');
    expect(pressed('k', { metaKey: true })).toBe('mod+k');
    expect(pressed('Escape')).toBe('Escape');
  });
});
