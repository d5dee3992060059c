import { useState } from 'preact/hooks';
import { formatValue } from '../format';
import { language, t } from '../i18n';
import { Panel, Scroll, Unknown } from '../parts/bits';
import { runPath } from '../router';
import type { Run } from '../runs/types';
import { dimension, metricNames, parameters, type Dimension } from './derive';
import { colourOf } from './page';

const WIDTH = 720;
const HEIGHT = 380;
const LEFT = 78;
const BOTTOM = 44;
const TOP = 14;
const RIGHT = 24;

/** Runs by two of their values. */
export function Scatter(props: { runs: readonly Run[]; off: ReadonlySet<string>; lit: string | null; onLit(id: string | null): void }) {
  const { runs } = props;
  const metrics = metricNames(runs).map((m) => `metrics.${m}`);
  const params = parameters(runs, true).map((p) => `params.${p.name}`);
  const keys = [...metrics, ...params];
  const [x, setX] = useState(params[0] ?? metrics[1] ?? metrics[0] ?? '');
  const [y, setY] = useState(metrics[0] ?? '');
  const [asTable, setAsTable] = useState(false);
  const dx = dimension(x, runs);
  const dy = dimension(y, runs);
  if (keys.length < 2) return null;
  const choose = (label: string, value: string, set: (key: string) => void) => (
    <label class="field">
      <span class="axis-word">{label}</span>{' '}
      <select value={value} onChange={(event) => set(event.currentTarget.value)}>
        {keys.map((key) => (
          <option key={key} value={key}>
            {key.slice(key.indexOf('.') + 1)}
          </option>
        ))}
      </select>
    </label>
  );
  return (
    <Panel
      title={t('compare.scatter')}
      aside={
        <span class="chart-tools">
          {choose('x', x, setX)}
          {choose('y', y, setY)}
          <button type="button" class="quiet" onClick={() => setAsTable(!asTable)}>
            {asTable ? t('chart.chart') : t('chart.table')}
          </button>
        </span>
      }
    >
      {!dx || !dy ? (
        <p class="empty">{t('compare.scatter.none')}</p>
      ) : asTable ? (
        <Pairs runs={runs} dx={dx} dy={dy} />
      ) : (
        <div class="scatter-box" role="region" aria-label={t('compare.scatter.summary', { x: dx.name, y: dy.name, runs: runs.length })} tabIndex={0}>
          <svg class="scatter" viewBox={`0 0 ${WIDTH} ${HEIGHT}`}>
            {dy.marks.map((mark) => (
              <g key={String(mark.value)}>
                <line class="scatter-grid" x1={LEFT} x2={WIDTH - RIGHT} y1={placeY(mark.place)} y2={placeY(mark.place)} />
                <text class="scatter-mark" x={LEFT - 8} y={placeY(mark.place) + 4} text-anchor="end">
                  {markText(mark.value)}
                </text>
              </g>
            ))}
            {dx.marks.map((mark) => (
              <text key={String(mark.value)} class="scatter-mark" x={placeX(mark.place)} y={HEIGHT - BOTTOM + 18} text-anchor="middle">
                {markText(mark.value)}
              </text>
            ))}
            <text class="scatter-name" x={(LEFT + WIDTH - RIGHT) / 2} y={HEIGHT - 6} text-anchor="middle">
              {dx.name}
            </text>
            {runs.map((run, i) => {
              const px = dx.places[i];
              const py = dy.places[i];
              if (px === null || px === undefined || py === null || py === undefined) return null;
              const text = `${run.name}: ${dx.name} ${String(dx.values[i])}, ${dy.name} ${String(dy.values[i])}`;
              return (
                <a key={run.id} href={runPath(run.id)} aria-label={text} class={props.off.has(run.id) ? 'off' : ''}>
                  <circle
                    class={`scatter-dot ${props.lit === run.id ? 'lit' : ''}`}
                    cx={placeX(px)}
                    cy={placeY(py)}
                    r={props.lit === run.id ? 8 : 6}
                    style={{ fill: `var(--${colourOf(i)})` }}
                    onMouseEnter={() => props.onLit(run.id)}
                    onMouseLeave={() => props.onLit(null)}
                  >
                    <title>{text}</title>
                  </circle>
                  {runs.length <= 12 && (
                    <text class="scatter-label" x={placeX(px) + 10} y={placeY(py) + 4}>
                      {i + 1}
                    </text>
                  )}
                </a>
              );
            })}
          </svg>
        </div>
      )}
    </Panel>
  );
}

const placeX = (p: number) => LEFT + 20 + p * (WIDTH - LEFT - RIGHT - 40);
const placeY = (p: number) => TOP + 10 + (1 - p) * (HEIGHT - TOP - BOTTOM - 20);

function markText(value: string | number): string {
  if (typeof value === 'number') return formatValue(Number(value.toPrecision(4)), language.value);
  return value.length > 12 ? `${value.slice(0, 11)}…` : value;
}

function Pairs({ runs, dx, dy }: { runs: readonly Run[]; dx: Dimension; dy: Dimension }) {
  const cell = (value: string | number | null | undefined) =>
    value === null || value === undefined ? <Unknown /> : typeof value === 'number' ? formatValue(value, language.value) : value;
  return (
    <Scroll title={t('compare.scatter')}>
      <table>
        <thead>
          <tr>
            <th scope="col">{t('chart.run')}</th>
            <th scope="col" class="number">
              {dx.name}
            </th>
            <th scope="col" class="number">
              {dy.name}
            </th>
          </tr>
        </thead>
        <tbody>
          {runs.map((run, i) => (
            <tr key={run.id}>
              <th scope="row">{run.name}</th>
              <td class="number">{cell(dx.values[i])}</td>
              <td class="number">{cell(dy.values[i])}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}
