import { useEffect, useMemo, useState } from 'preact/hooks';
import { t } from '../i18n';
import { Panel, Scroll } from '../parts/bits';
import { modelPath, runPath } from '../router';
import { isAborted, server } from '../server';
import { BOX_H, BOX_W, layout, type Placed } from './graph';
import { readTrail, type GraphEdge, type Version } from './types';

const CHARACTERS = 20;

/** What a version was made from and what came of it, as a graph from left to right, and as a table. */
export function Lineage({ model, version }: { model: string; version: Version }) {
  const [edges, setEdges] = useState<GraphEdge[] | null>(null);
  const [asTable, setAsTable] = useState(false);
  const id = version.semver ? `${model}@${version.semver}` : `${model}/${version.version}`;
  const own = useMemo(() => ownEdges(id, version), [id, version]);
  useEffect(() => {
    if (!isLinked(version)) {
      setEdges(own);
      return;
    }
    const stop = new AbortController();
    server(`/api/v1/lineage/model/${id.split('/').map(encodeURIComponent).join('/')}`, { signal: stop.signal }).then(
      (json) => setEdges([...readTrail(json), ...own]),
      (error: unknown) => {
        if (!isAborted(error)) setEdges(own);
      },
    );
    return () => stop.abort();
  }, [id]);
  const drawn = useMemo(() => layout(edges ?? []), [edges]);
  return (
    <Panel
      title={t('model.lineage')}
      aside={
        edges !== null &&
        edges.length > 0 && (
          <button type="button" class="quiet" onClick={() => setAsTable(!asTable)}>
            {asTable ? t('model.lineage.graph') : t('chart.table')}
          </button>
        )
      }
    >
      {edges === null ? (
        <div class="graph-wait" />
      ) : edges.length === 0 ? (
        <p class="empty">{t('model.lineage.none')}</p>
      ) : asTable ? (
        <Table edges={edges} />
      ) : (
        <>
          <div class="graph" role="region" aria-label={t('model.lineage.summary', { nodes: drawn.nodes.length, edges: drawn.edges.length })} tabIndex={0}>
            <svg
              viewBox={`-2 -2 ${drawn.width + 4} ${drawn.height + 4}`}
              width={drawn.width + 4}
              height={drawn.height + 4}
            >
              {drawn.edges.map((edge) => (
                <Curve key={`${edge.from.key}>${edge.to.key}`} {...edge} />
              ))}
              {drawn.nodes.map((node) => (
                <Box key={node.key} node={node} self={node.kind === 'model' && node.id === id} />
              ))}
            </svg>
          </div>
          {drawn.left > 0 && <p class="muted">{t('model.lineage.left', { count: drawn.left })}</p>}
        </>
      )}
    </Panel>
  );
}

/** Whether the server has links of it; of a version that nothing is known of it is not asked. */
function isLinked({ lineage }: Version): boolean {
  return lineage.data !== null || lineage.features !== null || lineage.code !== null || lineage.parents.length > 0;
}

/** What the version itself tells. */
function ownEdges(id: string, version: Version): GraphEdge[] {
  const to = { kind: 'model', id };
  return version.run ? [{ from: { kind: 'run', id: version.run }, to, relation: '' }] : [];
}

function Curve({ from, to, relation }: { from: Placed; to: Placed; relation: string }) {
  const x1 = from.x + BOX_W;
  const y1 = from.y + BOX_H / 2;
  const x2 = to.x - 7;
  const y2 = to.y + BOX_H / 2;
  const bend = Math.max(24, (x2 - x1) / 2);
  return (
    <g class="graph-edge">
      <title>{relation}</title>
      <path d={`M${x1} ${y1}C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}`} />
      <path class="graph-tip" d={`M${x2} ${y2 - 4}l7 4-7 4z`} />
    </g>
  );
}

function Box({ node, self }: { node: Placed; self: boolean }) {
  const href = node.kind === 'run' ? runPath(node.id) : node.kind === 'model' && !self ? modelPath(node.id.replace(/[@/][^@/]*$/, '')) : null;
  const shown = node.kind === 'run' || node.kind === 'code' ? node.id.slice(0, 12) : node.id;
  const inner = (
    <>
      <title>{`${kindWord(node.kind)} ${node.id}`}</title>
      <rect x={node.x} y={node.y} width={BOX_W} height={BOX_H} rx="8" />
      <text x={node.x + 12} y={node.y + 18} class="graph-kind">
        {kindWord(node.kind)}
      </text>
      <text x={node.x + 12} y={node.y + 35} class="graph-name">
        {shown.length > CHARACTERS ? `${shown.slice(0, CHARACTERS - 1)}…` : shown}
      </text>
    </>
  );
  const name = `graph-node graph-${node.kind} ${self ? 'graph-self' : ''}`;
  return href ? (
    <a href={href} class={name} aria-label={`${kindWord(node.kind)} ${node.id}`}>
      {inner}
    </a>
  ) : (
    <g class={name}>{inner}</g>
  );
}

export function kindWord(kind: string): string {
  switch (kind) {
    case 'data':
      return t('lineage.data');
    case 'features':
      return t('lineage.features');
    case 'code':
      return t('lineage.code');
    case 'run':
      return t('lineage.run');
    case 'model':
      return t('lineage.model');
    case 'logged_model':
      return t('lineage.logged');
    case 'deployment':
      return t('lineage.deployment');
    default:
      return kind;
  }
}

function Table({ edges }: { edges: GraphEdge[] }) {
  return (
    <Scroll title={t('model.lineage')}>
      <table>
        <thead>
          <tr>
            <th scope="col">{t('lineage.from')}</th>
            <th scope="col">{t('lineage.relation')}</th>
            <th scope="col">{t('lineage.to')}</th>
          </tr>
        </thead>
        <tbody>
          {edges.filter((e, i) => edges.findIndex((o) => o.from.id === e.from.id && o.to.id === e.to.id) === i).map((edge, i) => (
            <tr key={i}>
              <th scope="row">
                {kindWord(edge.from.kind)} {edge.from.id}
              </th>
              <td lang="en">{edge.relation}</td>
              <td>
                {kindWord(edge.to.kind)} {edge.to.id}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}
