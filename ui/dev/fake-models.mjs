// Models of the stand-in: one with a history, one without production, one with a hostile name.

const DAY = 86_400_000;
const at = (day, hour = 9) => new Date(Date.parse('2026-10-01T00:00:00Z') + day * DAY + hour * 3_600_000).toISOString();
const HOSTILE = '<img src=x onerror=alert(1)>';

export function registry(runs) {
  const gate = (name, threshold, actual, passed) => ({ name, kind: name === 'latency_p99' ? name : 'metric', threshold, actual, state: passed ? 'PASSED' : 'FAILED' });
  const version = (n, semver, reason, stage, more = {}) => ({
    version: n, semver, semver_reason: reason, stage, aliases: [], status: 'READY', run_id: runs[n * 7]?.id ?? null,
    source: `mlflow-artifacts:/1/${runs[n * 7]?.id}/artifacts/model`, created_at: at(n * 4), by: 'operator',
    gates: [gate('auc_roc', 0.7, 0.735 + n * 0.006, true), gate('brier', 0.2, 0.171, true), gate('latency_p99', 100, 4.1, true)],
    lineage: { data: `flights@1.${n}.0`, features: `base@1.${n > 2 ? 1 : 0}.0`, code: '5dc8408', run: runs[n * 7]?.id ?? null, parents: n > 1 ? [`late-arrival@1.${n > 2 ? 1 : 0}.${n}`] : [] },
    manifest: { digest: `sha256:${'9af3c0'.repeat(10)}${n}abc`, files: 4, bytes: 4_812_801, signed: true },
    tags: { origin: 'retrain' }, description: '', ...more,
  });
  const late = {
    name: 'late-arrival', description: 'Whether a flight arrives 15 minutes late or more, asked at departure.', tags: { owner: 'ops' },
    aliases: { champion: 4, challenger: 5 }, updated_at: at(20),
    list: [
      version(5, '1.2.0', 'a new feature: weather.wind_speed', 'Staging', { aliases: ['challenger'], gates: [gate('auc_roc', 0.7, 0.7691, true), gate('brier', 0.2, 0.2034, false), gate('latency_p99', 100, 4.4, true)] }),
      version(4, '1.1.1', 'retrained on newer data; same features and parameters', 'Production', { aliases: ['champion'] }),
      version(3, '1.1.0', 'max_depth changed from 6 to 8', 'Archived'),
      version(2, '1.0.1', 'retrained on newer data; same features and parameters', 'Archived'),
      version(1, '1.0.0', 'the first version', 'Archived'),
    ],
  };
  const moves = [
    { at: at(20), who: 'operator', kind: 'alias', version: 5, from: '', to: '5', why: 'shadow beside the champion', evidence: { alias: 'challenger' } },
    { at: at(20, 8), who: 'operator', kind: 'stage', version: 5, from: 'None', to: 'Staging', why: 'offline gates passed but brier', evidence: { gates: [1, 2, 3] } },
    { at: at(17), who: 'serving', kind: 'deployment', version: 4, from: '3', to: '4', why: 'canary held for two days', evidence: 'canary/12' },
    { at: at(16), who: 'retrain', kind: 'stage', version: 4, from: 'Staging', to: 'Production', why: 'drift of origin.flights_7d', evidence: { gates: [1, 2, 3] } },
    { at: at(16), who: 'retrain', kind: 'stage', version: 3, from: 'Production', to: 'Archived', why: 'replaced by 4', evidence: null },
    { at: at(12), who: 'operator', kind: 'stage', version: 3, from: 'None', to: 'Production', why: 'deeper trees', evidence: { gates: [1, 2, 3] } },
    { at: at(8), who: 'retrain', kind: 'stage', version: 2, from: 'None', to: 'Production', why: 'monthly', evidence: { gates: [1, 2, 3] } },
    { at: at(4), who: 'operator', kind: 'stage', version: 1, from: 'None', to: 'Production', why: 'first release', evidence: { gates: [1, 2, 3] } },
  ];
  const bare = (name, list = []) => ({ name, description: '', tags: {}, aliases: {}, updated_at: at(2), list });
  const models = [
    late,
    bare('churn', [{ ...version(1, null, null, 'None'), gates: [], lineage: {}, manifest: { digest: null, files: 2, bytes: 1200, signed: false } }]),
    bare(HOSTILE, [{ ...version(1, '1.0.0', HOSTILE, 'Staging'), description: HOSTILE }]),
    bare('empty-model'),
  ];
  const head = ({ list, ...model }) => ({ ...model, versions: list.length, latest: list[0] ?? null, production: list.find((v) => v.stage === 'Production') ?? null });
  const edges = [
    ['data', 'flights@1.4.0', 'features', 'base@1.1.0', 'built'], ['data', 'weather@1.0.0', 'features', 'base@1.1.0', 'built'],
    ['features', 'base@1.1.0', 'run', runs[28]?.id ?? 'r', 'trained'], ['code', '5dc8408', 'run', runs[28]?.id ?? 'r', 'ran'],
    ['run', runs[28]?.id ?? 'r', 'model', 'late-arrival@1.1.1', 'made'], ['model', 'late-arrival@1.1.0', 'model', 'late-arrival@1.1.1', 'parent of'],
    ['model', 'late-arrival@1.1.1', 'deployment', 'late-arrival/production', 'deployed as'],
  ].map(([fk, fi, tk, ti, relation]) => ({ from: { kind: fk, id: fi }, to: { kind: tk, id: ti }, relation }));

  return {
    models,
    answer(path, method, body) {
      if (path === '/api/v1/models') return { body: { models: models.map(head) } };
      const trail = /^\/api\/v1\/lineage\/([^/]+)\/(.+)$/.exec(path);
      if (trail) {
        const down = edges.filter((e) => e.relation === 'deployed as');
        return { body: { node: { kind: trail[1], id: decodeURIComponent(trail[2]) }, up: edges.filter((e) => !down.includes(e)), down } };
      }
      const part = /^\/api\/v1\/models\/([^/]+)(?:\/(.*))?$/.exec(path);
      if (!part) return null;
      const model = models.find((m) => m.name === decodeURIComponent(part[1]));
      if (!model) return { status: 404, body: { title: 'Not found', detail: `there is no model '${decodeURIComponent(part[1])}'`, remedy: 'List them with: orrery model ls' } };
      const rest = part[2];
      if (rest === undefined) return { body: { model: head(model), versions: model.list } };
      if (rest === 'history') return { body: { moves: model === late ? moves : [] } };
      const diff = /^versions\/(\d+)\/diff\/(\d+)$/.exec(rest);
      if (diff) {
        return {
          body: {
            bump: 'minor', reasons: ['max_depth changed from 6 to 8'], params: { max_depth: { from: '6', to: '8' } }, features: { added: ['weather.wind_speed'], removed: [] },
            lineage: { data: { from: `flights@1.${diff[1]}.0`, to: `flights@1.${diff[2]}.0` } }, metrics: { auc_roc: { from: '0.7531', to: '0.7590' } },
          },
        };
      }
      const move = /^versions\/(\d+)\/stage$/.exec(rest);
      if (move && method === 'POST') {
        const chosen = model.list.find((v) => v.version === Number(move[1]));
        if (body.stage === 'Production' && chosen.gates.some((g) => !g.passed)) {
          return { status: 409, body: { title: 'A gate failed', detail: `version ${chosen.version} does not pass brier: 0.2034 is over 0.2`, remedy: 'Train a version that passes, or change the gate' } };
        }
        if (body.archive_existing) for (const v of model.list) if (v.stage === body.stage) v.stage = 'Archived';
        moves.unshift({ at: new Date().toISOString(), who: 'you', kind: 'stage', version: chosen.version, from: chosen.stage, to: body.stage, why: body.why, evidence: null });
        chosen.stage = body.stage;
        return { body: {} };
      }
      if (rest === 'rollback' && method === 'POST') {
        for (const v of model.list) if (v.version === 4) v.stage = 'Archived';
        for (const v of model.list) if (v.version === 3) v.stage = 'Production';
        moves.unshift({ at: new Date().toISOString(), who: 'you', kind: 'deployment', version: 3, from: '4', to: '3', why: body.why, evidence: null });
        return { body: { version: 3 } };
      }
      return null;
    },
  };
}
