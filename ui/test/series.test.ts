import { describe, expect, it } from 'vitest';
import { aligned, append, extent, nearestIndex, readSeries, smoothed, track, type Series, type View } from '../src/chart/series';
import { dimension, firstAxes, kept, parameters, ticks } from '../src/compare/derive';
import { layout } from '../src/models/graph';
import { readMoves, readVersion, readWhole, verdict } from '../src/models/types';
import { csvRows, previewOf, readDetail, readFiles, readPoint, reproduce } from '../src/run/types';
import { readRunsPage } from '../src/runs/types';

const PLAIN: View = { axis: 'step', smoothing: 0, logX: false, logY: false };
const series = (points: unknown[], exact = true): Series => readSeries({ series: [{ run: 'r', key: 'k', count: points.length, exact, points }] })[0] as Series;

describe('a series', () => {
  it('is read with what is no number, and without what is no point', () => {
    const read = series([[0, 1000, 1, 1, 1, 1], [1, 2000, 'NaN', 'NaN', 'NaN', 'NaN'], ['x'], null, [2, 3000, 3, 3, 3, 3]]);
    expect(read.points).toHaveLength(3);
    expect(track(read, PLAIN).y).toEqual([1, null, 3]);
    expect(extent(read)).toMatchObject({ first: 1, last: 3, min: 1, max: 3, lastStep: 2 });
    expect(readSeries({ series: [{}, { run: 'r' }, null] })).toEqual([]);
  });

  it('of parts keeps their extremes, whatever is smoothed', () => {
    const read = series([[0, 0, 1, -5, 9, 2], [10, 10, 2, 0, 3, 3]], false);
    const drawn = track(read, { ...PLAIN, smoothing: 0.9 });
    expect(drawn.min).toEqual([-5, 0]);
    expect(drawn.max).toEqual([9, 3]);
    expect(drawn.raw).toEqual([2, 3]);
    expect(extent(read)).toMatchObject({ min: -5, max: 9 });
  });

  it('on a logarithmic axis leaves out what has no place there', () => {
    const read = series([[0, 0, 1, 1, 1, 1], [1, 1, -1, -1, -1, -1], [2, 2, 0.5, 0.5, 0.5, 0.5]]);
    expect(track(read, { ...PLAIN, logY: true }).y).toEqual([1, null, 0.5]);
    expect(track(read, { ...PLAIN, logX: true }).x).toEqual([1, 2]);
  });

  it('is drawn along time, and from its own start', () => {
    const read = series([[0, 5000, 1, 1, 1, 1], [1, 8000, 2, 2, 2, 2]]);
    expect(track(read, { ...PLAIN, axis: 'time' }).x).toEqual([5, 8]);
    expect(track(read, { ...PLAIN, axis: 'elapsed' }).x).toEqual([0, 3]);
  });

  it('smoothed starts at its first value and stays within its values', () => {
    const values = smoothed([4, null, 4, 8], 0.9);
    expect(values[0]).toBeCloseTo(4);
    expect(values[1]).toBeNull();
    expect(values[2]).toBeCloseTo(4);
    expect(values[3]).toBeGreaterThan(4);
    expect(values[3]).toBeLessThan(8);
  });

  it('takes points as they come, once each, and no older ones', () => {
    let read = series([[0, 0, 1, 1, 1, 1]]);
    read = append(read, 1, 10, 2);
    read = append(read, 1, 11, 3);
    read = append(read, 0, 12, 9);
    expect(read.count).toBe(2);
    expect(read.points.map((p) => p.last)).toEqual([1, 3]);
  });

  it('stands beside others at common places', () => {
    const data = aligned([
      { x: [0, 2], rows: [[1, null]] },
      { x: [1, 2], rows: [[5, 6]] },
    ]);
    expect(data).toEqual([[0, 1, 2], [1, undefined, null], [undefined, 5, 6]]);
    expect(aligned([])).toEqual([[]]);
  });

  it('is found at the nearest place', () => {
    expect(nearestIndex([0, 10, 20], 14)).toBe(1);
    expect(nearestIndex([0, 10, 20], 16)).toBe(2);
    expect(nearestIndex([0, 10, 20], 99)).toBe(2);
    expect(nearestIndex([], 1)).toBe(-1);
  });
});

const runs = readRunsPage({
  runs: [
    { id: 'a', metrics: { auc: 0.7 }, params: { depth: '4', kind: 'x', same: '1' } },
    { id: 'b', metrics: { auc: 0.8 }, params: { depth: '8', kind: 'y', same: '1' } },
    { id: 'c', metrics: { auc: 'NaN' }, params: { depth: '8', same: '1' } },
  ],
}).runs;

describe('a comparison', () => {
  it('shows the parameters that differ, and which value is the usual one', () => {
    expect(parameters(runs, true).map((p) => [p.name, p.usual])).toEqual([['depth', '8'], ['kind', undefined]]);
    expect(parameters(runs, false)).toHaveLength(3);
    expect(firstAxes(runs)).toEqual(['params.depth', 'params.kind', 'metrics.auc']);
  });

  it('places runs along axes, and keeps those within the strokes', () => {
    const depth = dimension('params.depth', runs);
    const kind = dimension('params.kind', runs);
    const auc = dimension('metrics.auc', runs);
    expect(depth?.places).toEqual([0, 1, 1]);
    expect(kind?.places).toEqual([0, 1, null]);
    expect(auc?.places[2]).toBeNull();
    expect(dimension('params.none', runs)).toBeNull();
    const all = [depth, kind, auc].filter((d) => d !== null);
    const within = (brushes: [string, [number, number]][]) => runs.filter((_, i) => kept(i, all, new Map(brushes))).map((r) => r.id);
    expect(within([])).toEqual(['a', 'b', 'c']);
    expect(within([['params.depth', [0.9, 1]]])).toEqual(['b', 'c']);
    expect(within([['params.depth', [0.9, 1]], ['metrics.auc', [0, 1]]])).toEqual(['b']);
  });

  it('marks axes with round numbers', () => {
    expect(ticks(0.6595, 0.7696)).toEqual([0.66, 0.68, 0.7, 0.72, 0.74, 0.76]);
    expect(ticks(0, 1e6)).toEqual([0, 200000, 400000, 600000, 800000, 1000000]);
  });
});

describe('lineage', () => {
  const node = (id: string) => ({ kind: 'k', id });
  const edge = (from: string, to: string) => ({ from: node(from), to: node(to), relation: '' });

  it('stands from left to right, each thing right of what it was made from', () => {
    const drawn = layout([edge('data', 'features'), edge('features', 'run'), edge('code', 'run'), edge('run', 'model')]);
    const x = (id: string) => drawn.nodes.find((n) => n.id === id)?.x ?? -1;
    expect(x('data')).toBeLessThan(x('features'));
    expect(x('code')).toBe(x('features'));
    expect(x('run')).toBeLessThan(x('model'));
    const places = new Set(drawn.nodes.map((n) => `${n.x} ${n.y}`));
    expect(places.size).toBe(drawn.nodes.length);
  });

  it('ends with circles, doubles and crowds', () => {
    expect(layout([edge('a', 'b'), edge('b', 'a'), edge('a', 'a'), edge('a', 'b')]).nodes).toHaveLength(2);
    const crowd = layout(Array.from({ length: 500 }, (_, i) => edge('root', `n${i}`)));
    expect(crowd.nodes).toHaveLength(80);
    expect(crowd.left).toBe(421);
    expect(layout([])).toMatchObject({ nodes: [], edges: [] });
  });
});

describe('a model', () => {
  it('is read whole, newest version first, and unknown words stay unknown', () => {
    const read = readWhole({ model: { name: 'm', versions: 2 }, versions: [{ version: 1 }, { version: '2', stage: 'Nowhere', gates: [{ name: 'auc', state: 'PASSED' }, { name: 'x', state: 'ODD' }] }, { nothing: 1 }] });
    expect(read?.versions.map((v) => v.version)).toEqual([2, 1]);
    expect(read?.versions[0]?.stage).toBe('None');
    expect(verdict(read?.versions[0]?.gates ?? [])).toEqual({ passed: 1, all: 2, state: 'unknown' });
    expect(verdict([]).state).toBe('unknown');
    expect(readWhole({})).toBeNull();
    expect(readVersion(null)).toBeNull();
  });

  it('tells the bound of a gate as a least or a greatest', () => {
    const gates = readVersion({ version: 1, gates: [{ name: 'brier', kind: 'metric' }, { name: 'auc_roc', kind: 'metric' }, { name: 'latency_p99', kind: 'latency_p99' }, { name: 'model_size', kind: 'model_size' }] })?.gates;
    expect(gates?.map((g) => g.isMost)).toEqual([true, false, true, true]);
  });

  it('has moves, also of aliases', () => {
    expect(readMoves({ moves: [{ kind: 'alias', version: 3, from: '', to: '3', evidence: { alias: 'champion' } }] })[0]).toMatchObject({ alias: 'champion', from: null, to: '3' });
    expect(readMoves('x')).toEqual([]);
  });
});

describe('a run', () => {
  it('is read with its surroundings', () => {
    const detail = readDetail({ run: { id: 'r1', name: 'n', tags: { 'orrery.stage': 'train' } }, environment: { commit: 'abc', repository: 'git@host:x.git', libraries: { a: '1' } }, resources: { cpu_seconds: 2 }, models: [{ id: 'm', name: 'm', role: 'output' }] });
    expect(detail?.environment['libraries']).toBe('a==1');
    expect(detail?.resources).toEqual({ cpu_seconds: 2 });
    expect(detail && reproduce(detail)).toBe('git clone git@host:x.git repro && cd repro\ngit checkout abc\norrery exp repro r1');
    expect(readDetail({})).toBeNull();
  });

  it('never lets a name become more than a word of a command', () => {
    const detail = readDetail({ run: { id: "x'; rm -rf /", tags: { 'orrery.stage': 'train' } }, environment: { commit: '$(boom)' } });
    expect(detail && reproduce(detail)).toBe("git checkout '$(boom)'\norrery exp repro 'x'\\''; rm -rf /'");
  });

  it('shows files by their ending, and runs none', () => {
    expect(['a.svg', 'b.json', 'c.csv', 'd.pkl', 'e.html', 'MLmodel'].map(previewOf)).toEqual(['drawing', 'json', 'table', 'none', 'text', 'text']);
    expect(readFiles({ files: [{ path: 'b.txt', size: 1 }, { path: 'a', is_dir: true }] }).map((f) => f.name)).toEqual(['a', 'b.txt']);
  });

  it('reads rows with quotes and commas', () => {
    expect(csvRows('a,b\r\n"x, ""y""",2\nlast', ',', 10)).toEqual([['a', 'b'], ['x, "y"', '2'], ['last']]);
    expect(csvRows('', ',', 10)).toEqual([]);
    expect(csvRows('a\nb\nc\n', ',', 2)).toEqual([['a'], ['b']]);
  });

  it('hears points, and nothing else', () => {
    expect(readPoint('{"key":"loss","step":3,"at":1000,"value":"NaN"}')).toEqual({ key: 'loss', step: 3, at: 1000, value: NaN });
    for (const odd of ['', '{', '[]', '{"key":"a"}', 'null']) expect(readPoint(odd)).toBeNull();
  });
});
