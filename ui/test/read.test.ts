import { describe, expect, it } from 'vitest';
// @ts-expect-error The scenes are plain JavaScript.
import { scenes as untyped } from '../dev/scenes.mjs';
import { champion, changes, countCriteria, lastKnownDay, loopState } from '../src/overview/derive';
import { readOverview } from '../src/overview/read';
import { STAGES } from '../src/overview/types';

const scenes = untyped as Record<'full' | 'early' | 'failing' | 'none' | 'empty' | 'hostile', Record<string, unknown>>;

describe('readOverview', () => {
  it('reads a full answer', () => {
    const o = readOverview(scenes.full);
    expect(o.project).toBe('flights');
    expect(o.stages.map((s) => s.id)).toEqual([...STAGES]);
    expect(o.performance?.days).toHaveLength(105);
    expect(o.performance?.firstVersion).toBe('1.0.0');
    expect(champion(o)).toMatchObject({ version: '1.0.4', traffic: 0.9, aucRoc: 0.7498, dataVersion: '1.3.0' });
    expect(o.live).toMatchObject({ ratePerS: 5213.7, p50Ms: 1.2041, p99Ms: 4.1187 });
    expect(o.retrains[0]).toMatchObject({ to: '1.0.5', promoted: null });
  });

  it('reads any JSON at all without throwing, and says unknown', () => {
    for (const json of [null, undefined, 1, 'x', [], {}, { stages: 3, versions: {}, performance: [], live: 'no' }]) {
      const o = readOverview(json);
      expect(o.project).toBeNull();
      expect(o.stages).toHaveLength(8);
      expect(o.stages.every((s) => s.state === 'unknown')).toBe(true);
      expect(o.performance).toBeNull();
      expect(o.live.predictions).toBeNull();
    }
  });

  it('takes words it does not know for unknown', () => {
    const o = readOverview(scenes.hostile);
    expect(o.stages.every((s) => s.state === 'unknown')).toBe(true);
    expect(o.versions).toHaveLength(1);
    expect(o.versions[0]?.traffic).toBe(1);
    expect(o.performance?.marks).toEqual([]);
    expect(o.performance?.served).toEqual([null, null, null]);
  });

  it('never counts a criterion without a measurement as met', () => {
    const o = readOverview({ criteria: [{ name: 'auc_roc', state: 'met', actual: null }, { name: 'x', state: 'met', actual: 0 }] });
    expect(o.criteria.map((c) => c.state)).toEqual(['unknown', 'met']);
    expect(countCriteria(o.criteria)).toEqual({ met: 1, below_target: 0, failed: 0, unknown: 1 });
  });

  it('is empty when there is no project', () => {
    expect(readOverview(scenes.none)).toEqual(readOverview(scenes.empty).project === null ? expect.objectContaining({ project: null }) : {});
  });
});

describe('what follows from an overview', () => {
  it('the last known day is the last with a served value', () => {
    const o = readOverview(scenes.full);
    expect(lastKnownDay(o.performance)?.day).toBe('2001-06-12');
    expect(lastKnownDay(null)).toBeNull();
  });

  it('the loop is as grave as its gravest stage', () => {
    expect(loopState(['ok', 'failed', 'running'])).toBe('failed');
    expect(loopState(['ok', 'running', 'waiting'])).toBe('running');
    expect(loopState(['ok', 'waiting'])).toBe('ok');
    expect(loopState(['waiting', 'unknown'])).toBe('waiting');
    expect(loopState(['unknown'])).toBe('unknown');
  });

  it('a new champion, a failed stage and a new critical finding are said; all else is not', () => {
    const before = readOverview(scenes.early);
    expect(changes(null, before)).toEqual([]);
    expect(changes(before, before)).toEqual([]);
    expect(changes(before, readOverview(scenes.full)).map((c) => c.kind)).toEqual(['champion', 'critical']);
    expect(changes(before, readOverview(scenes.failing))).toEqual([{ kind: 'failed', stage: 'gate' }]);
  });
});
