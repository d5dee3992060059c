import { useRef, useState } from 'preact/hooks';
import { formatValue } from '../format';
import { language, t } from '../i18n';
import { Panel, Scroll, Unknown } from '../parts/bits';
import { Menu } from '../parts/menu';
import { UiIcon } from '../parts/icons';
import type { Run } from '../runs/types';
import { dimension, kept, metricNames, parameters, type Brushes, type Dimension } from './derive';
import { colourOf } from './page';

const HEIGHT = 300;
const TOP = 34;
const BOTTOM = 12;
const SIDE = 80;
const STEP = 0.05;

/** Every run a line across axes of its parameters and metrics; a stroke along an axis keeps the runs within it. */
export function Parallel(props: {
  runs: readonly Run[];
  axes: readonly string[];
  brushes: Brushes;
  lit: string | null;
  onAxes(axes: string[]): void;
  onBrush(brushes: Brushes): void;
  onLit(id: string | null): void;
}) {
  const { runs, axes, brushes } = props;
  const [asTable, setAsTable] = useState(false);
  const svg = useRef<SVGSVGElement>(null);
  const dimensions = axes.map((key) => dimension(key, runs)).filter((d): d is Dimension => d !== null);
  const width = Math.max(640, dimensions.length * 150 + 2 * SIDE - 150);
  const xOf = (i: number) => (dimensions.length === 1 ? width / 2 : SIDE + (i * (width - 2 * SIDE)) / (dimensions.length - 1));
  const yOf = (place: number) => TOP + (1 - place) * (HEIGHT - TOP - BOTTOM);
  const placeAt = (clientY: number) => {
    const box = svg.current?.getBoundingClientRect();
    if (!box) return 0;
    const y = ((clientY - box.top) / box.height) * HEIGHT;
    return Math.min(1, Math.max(0, 1 - (y - TOP) / (HEIGHT - TOP - BOTTOM)));
  };
  const set = (key: string, range: readonly [number, number] | null) => {
    const next = new Map(brushes);
    if (range) next.set(key, range);
    else next.delete(key);
    props.onBrush(next);
  };
  const draw = (key: string) => (event: PointerEvent) => {
    event.preventDefault();
    const target = event.currentTarget as Element;
    const from = placeAt(event.clientY);
    let moved = false;
    target.setPointerCapture(event.pointerId);
    const move = (e: Event) => {
      const to = placeAt((e as PointerEvent).clientY);
      moved ||= Math.abs(to - from) > 0.02;
      if (moved) set(key, [Math.min(from, to), Math.max(from, to)]);
    };
    const end = () => {
      target.removeEventListener('pointermove', move);
      target.removeEventListener('pointerup', end);
      if (!moved) set(key, null);
    };
    target.addEventListener('pointermove', move);
    target.addEventListener('pointerup', end);
  };
  const onKey = (key: string) => (event: KeyboardEvent) => {
    const now = brushes.get(key);
    if (event.key === 'Escape' && now) {
      event.stopPropagation();
      set(key, null);
    } else if (event.key === 'ArrowUp' || event.key === 'ArrowDown') {
      event.preventDefault();
      const by = event.key === 'ArrowUp' ? STEP : -STEP;
      const [low, high] = now ?? [0, 1];
      const next: [number, number] = event.shiftKey ? [low, Math.min(1, Math.max(low, high + by))] : [Math.min(high, Math.max(0, low + by)), high];
      set(key, next[0] <= 0 && next[1] >= 1 ? null : next);
    }
  };
  const known = [...metricNames(runs).map((m) => `metrics.${m}`), ...parameters(runs, false).map((p) => `params.${p.name}`)];
  return (
    <Panel
      title={t('compare.parallel')}
      aside={
        <span class="chart-tools">
          {brushes.size > 0 && (
            <button type="button" class="quiet" onClick={() => props.onBrush(new Map())}>
              {t('compare.brush.clear')}
            </button>
          )}
          <Menu
            label={t('compare.axes')}
            panelClass="picker"
            face={
              <>
                <UiIcon name="columns" />
                {t('compare.axes')}
              </>
            }
          >
            {() => (
              <div class="picker-list">
                <fieldset>
                  <legend>{t('compare.axes')}</legend>
                  {known.slice(0, 300).map((key) => (
                    <label key={key}>
                      <input
                        type="checkbox"
                        checked={axes.includes(key)}
                        onChange={(event) => {
                          if (event.currentTarget.checked) props.onAxes([...axes, key]);
                          else {
                            set(key, null);
                            props.onAxes(axes.filter((k) => k !== key));
                          }
                        }}
                      />
                      <span>{key.slice(key.indexOf('.') + 1)}</span>
                      <span class="muted">{key.startsWith('metrics') ? t('compare.metric') : t('compare.param')}</span>
                    </label>
                  ))}
                </fieldset>
              </div>
            )}
          </Menu>
          <button type="button" class="quiet" onClick={() => setAsTable(!asTable)}>
            {asTable ? t('chart.chart') : t('chart.table')}
          </button>
        </span>
      }
    >
      {dimensions.length < 2 ? (
        <p class="empty">{t('compare.axes.few')}</p>
      ) : asTable ? (
        <AxesTable runs={runs} dimensions={dimensions} brushes={brushes} />
      ) : (
        <>
          <p class="sentence">{t('compare.parallel.text')}</p>
          <div class="parallel-box" role="region" aria-label={t('compare.parallel.summary', { runs: runs.length, axes: dimensions.length })} tabIndex={0}>
            <svg ref={svg} class="parallel" viewBox={`0 0 ${width} ${HEIGHT}`}>
              <g>
                {runs.map((run, i) => {
                  const on = kept(i, dimensions, brushes);
                  const lit = props.lit === run.id;
                  return (
                    <path
                      key={run.id}
                      class={`parallel-line ${on ? '' : 'off'} ${lit ? 'lit' : ''}`}
                      d={pathOf(dimensions, i, xOf, yOf)}
                      style={{ stroke: `var(--${colourOf(i)})` }}
                      onMouseEnter={() => props.onLit(run.id)}
                      onMouseLeave={() => props.onLit(null)}
                    >
                      <title>{run.name}</title>
                    </path>
                  );
                })}
              </g>
              {dimensions.map((d, i) => {
                const brush = brushes.get(d.key);
                const x = xOf(i);
                return (
                  <g key={d.key} class="parallel-axis">
                    <text class="parallel-name" x={x} y={14} text-anchor="middle">
                      {d.name.length > 20 ? `${d.name.slice(0, 19)}…` : d.name}
                      <title>{d.key}</title>
                    </text>
                    <line x1={x} x2={x} y1={TOP} y2={HEIGHT - BOTTOM} />
                    {d.marks.map((mark) => (
                      <text key={String(mark.value)} class="parallel-mark" x={x + 7} y={yOf(mark.place) + 3.5}>
                        {typeof mark.value === 'number' ? formatValue(Number(mark.value.toPrecision(4)), language.value) : mark.value.length > 16 ? `${mark.value.slice(0, 15)}…` : mark.value}
                      </text>
                    ))}
                    {brush && <rect class="parallel-brush" x={x - 8} width={16} y={yOf(brush[1])} height={Math.max(2, yOf(brush[0]) - yOf(brush[1]))} rx="3" />}
                    <rect
                      class="parallel-touch"
                      x={x - 18}
                      width={36}
                      y={TOP - 6}
                      height={HEIGHT - TOP - BOTTOM + 12}
                      tabindex={0}
                      role="slider"
                      aria-label={t('compare.brush', { axis: d.name })}
                      aria-orientation="vertical"
                      aria-valuemin={0}
                      aria-valuemax={100}
                      aria-valuenow={Math.round((brush?.[0] ?? 0) * 100)}
                      aria-valuetext={brush ? t('compare.brush.range', { from: Math.round(brush[0] * 100), to: Math.round(brush[1] * 100) }) : t('compare.brush.all')}
                      onPointerDown={draw(d.key)}
                      onKeyDown={onKey(d.key)}
                    />
                  </g>
                );
              })}
            </svg>
          </div>
        </>
      )}
    </Panel>
  );
}

function pathOf(dimensions: readonly Dimension[], run: number, xOf: (i: number) => number, yOf: (place: number) => number): string {
  let path = '';
  let pen = false;
  dimensions.forEach((d, i) => {
    const place = d.places[run];
    if (place === null || place === undefined) {
      pen = false;
      return;
    }
    path += `${pen ? 'L' : 'M'}${xOf(i).toFixed(1)} ${yOf(place).toFixed(1)}`;
    pen = true;
  });
  return path;
}

function AxesTable({ runs, dimensions, brushes }: { runs: readonly Run[]; dimensions: readonly Dimension[]; brushes: Brushes }) {
  return (
    <Scroll title={t('compare.parallel')}>
      <table>
        <thead>
          <tr>
            <th scope="col">{t('chart.run')}</th>
            {dimensions.map((d) => (
              <th key={d.key} scope="col" class={d.numeric ? 'number' : ''}>
                {d.name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {runs.map(
            (run, i) =>
              kept(i, dimensions, brushes) && (
                <tr key={run.id}>
                  <th scope="row">{run.name}</th>
                  {dimensions.map((d) => {
                    const value = d.values[i];
                    return (
                      <td key={d.key} class={d.numeric ? 'number' : ''}>
                        {value === null || value === undefined ? <Unknown /> : typeof value === 'number' ? formatValue(value, language.value) : value}
                      </td>
                    );
                  })}
                </tr>
              ),
          )}
        </tbody>
      </table>
    </Scroll>
  );
}
