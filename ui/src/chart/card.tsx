import { useEffect, useMemo, useState } from 'preact/hooks';
import { formatInstant, formatNumber, formatValue } from '../format';
import { language, t } from '../i18n';
import { UiIcon } from '../parts/icons';
import { isAborted } from '../server';
import { LinesFigure } from './figure';
import type { Line } from './lines';
import { extent, track, type Series, type View } from './series';

export interface Drawn {
  series: Series;
  label: string;
  colour: string;
  dim?: boolean;
}

const ROWS_MAX = 500;

/** One metric: its lines, what they come to in one sentence, and the same as a table. */
export function ChartCard(props: {
  title: string;
  drawn: readonly Drawn[];
  view: View;
  height: number;
  sync?: string;
  onPlace?(x: number | null): void;
  /** Asks the server for a closer look. */
  closer?(range: [number, number], signal: AbortSignal): Promise<Series[]>;
}) {
  const { title, drawn, view, closer } = props;
  const [asTable, setAsTable] = useState(false);
  const [range, setRange] = useState<[number, number] | null>(null);
  const [near, setNear] = useState<Series[] | null>(null);
  const lang = language.value;

  useEffect(() => {
    setNear(null);
    if (!range || !closer || drawn.every((d) => d.series.exact)) return;
    const stop = new AbortController();
    closer(range, stop.signal).then(setNear, (error: unknown) => {
      if (!isAborted(error)) setNear(null);
    });
    return () => stop.abort();
  }, [range, view.axis]);

  const shown = useMemo<Drawn[]>(
    () =>
      drawn.map((d) => {
        const closest = near?.find((s) => s.run === d.series.run);
        return closest && range ? { ...d, series: closest } : d;
      }),
    [drawn, near, range],
  );
  const lines = useMemo<Line[]>(
    () => shown.map((d) => ({ colour: d.colour, track: track(d.series, view), ...(d.dim ? { dim: true } : {}) })),
    [shown, view],
  );
  const [first] = shown;
  const one = shown.length === 1 && first ? extent(first.series) : null;
  const envelope = shown.find((d) => !d.series.exact);
  return (
    <figure class="card">
      <figcaption class="card-head">
        <h3 title={title}>{title}</h3>
        {one && one.last !== null && (
          <b class="card-last" title={String(one.last)}>
            {formatValue(one.last, lang)}
          </b>
        )}
        {range && (
          <button type="button" class="bare" title={t('chart.whole')} aria-label={t('chart.whole')} onClick={() => setRange(null)}>
            <UiIcon name="zoom" />
          </button>
        )}
        <button
          type="button"
          class="bare"
          aria-pressed={asTable}
          title={asTable ? t('chart.chart') : t('chart.table')}
          aria-label={`${title}: ${asTable ? t('chart.chart') : t('chart.table')}`}
          onClick={() => setAsTable(!asTable)}
        >
          <UiIcon name={asTable ? 'line' : 'table'} />
        </button>
      </figcaption>
      {asTable ? (
        <PointTable title={title} drawn={shown} />
      ) : (
        <LinesFigure
          key={range ? 'near' : 'whole'}
          label={summary(title, shown, lang)}
          lines={lines}
          settings={{
            axis: view.axis,
            logX: view.logX,
            logY: view.logY,
            height: props.height,
            ...(props.sync ? { sync: props.sync } : {}),
            onPlace: (x) => props.onPlace?.(x),
            onZoom: (next) => (next === null ? setRange(null) : closer && !drawn.every((d) => d.series.exact) ? setRange([Math.floor(next[0]), Math.ceil(next[1])]) : undefined),
          }}
        />
      )}
      <p class="card-foot">
        {envelope
          ? t('chart.envelope', { count: envelope.series.count, parts: envelope.series.points.length })
          : first
            ? t('chart.points', { count: Math.max(...shown.map((d) => d.series.count)) })
            : ''}
        {one && one.min !== null && one.max !== null && one.min !== one.max && (
          <span class="card-range">
            {formatValue(one.min, lang)} – {formatValue(one.max, lang)}
          </span>
        )}
      </p>
    </figure>
  );
}

/** What a chart says, in one sentence. */
export function summary(title: string, drawn: readonly Drawn[], lang: string): string {
  const [only] = drawn;
  if (drawn.length !== 1 || !only) return t('chart.summary.many', { metric: title, count: drawn.length });
  const e = extent(only.series);
  if (e.last === null || e.min === null || e.max === null) return t('chart.summary.none', { metric: title });
  return t('chart.summary', {
    metric: title,
    count: only.series.count,
    last: formatValue(e.last, lang),
    min: formatValue(e.min, lang),
    max: formatValue(e.max, lang),
  });
}

function PointTable({ title, drawn }: { title: string; drawn: readonly Drawn[] }) {
  const lang = language.value;
  const rows = drawn.flatMap((d) => d.series.points.map((p) => ({ label: d.label, exact: d.series.exact, p })));
  const shown = rows.slice(-ROWS_MAX).toReversed();
  return (
    <div class="scroll card-table" role="region" aria-label={t('app.table', { title })} tabIndex={0}>
      <table>
        <thead>
          <tr>
            {drawn.length > 1 && <th scope="col">{t('chart.run')}</th>}
            <th scope="col" class="number">
              {t('chart.step')}
            </th>
            <th scope="col" class="number">
              {t('chart.value')}
            </th>
            {drawn.some((d) => !d.series.exact) && (
              <th scope="col" class="number">
                {t('chart.range')}
              </th>
            )}
            <th scope="col">{t('chart.time')}</th>
          </tr>
        </thead>
        <tbody>
          {shown.map(({ label, exact, p }, i) => (
            <tr key={i}>
              {drawn.length > 1 && <th scope="row">{label}</th>}
              <td class="number">{formatNumber(p.step, lang)}</td>
              <td class="number" title={String(p.last)}>
                {formatValue(p.last, lang)}
              </td>
              {drawn.some((d) => !d.series.exact) && (
                <td class="number">{exact ? '' : `${formatValue(p.min, lang)} – ${formatValue(p.max, lang)}`}</td>
              )}
              <td class="when">{formatInstant(new Date(p.at).toISOString(), lang)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {rows.length > ROWS_MAX && <p class="muted">{t('chart.rows', { shown: ROWS_MAX, count: rows.length })}</p>}
    </div>
  );
}

/** How lines are drawn: along what, how smooth, on which scale. */
export function ViewControls(props: { view: View; axes: readonly View['axis'][]; logX?: boolean; onChange(view: View): void }) {
  const { view } = props;
  const words: Record<View['axis'], string> = { step: t('chart.axis.step'), time: t('chart.axis.time'), elapsed: t('chart.axis.elapsed') };
  return (
    <div class="view-controls">
      <label class="field">
        <span class="hidden">{t('chart.axis')}</span>
        <select value={view.axis} onChange={(event) => props.onChange({ ...view, axis: event.currentTarget.value as View['axis'] })}>
          {props.axes.map((axis) => (
            <option key={axis} value={axis}>
              {words[axis]}
            </option>
          ))}
        </select>
      </label>
      <label class="slider">
        <span>{t('chart.smoothing')}</span>
        <input
          type="range"
          min="0"
          max="0.99"
          step="0.01"
          value={view.smoothing}
          onInput={(event) => props.onChange({ ...view, smoothing: Number(event.currentTarget.value) })}
        />
        <output>{view.smoothing === 0 ? t('chart.smoothing.off') : formatValue(view.smoothing, language.value)}</output>
      </label>
      {props.logX && (
        <label class="check">
          <input type="checkbox" checked={view.logX} onChange={(event) => props.onChange({ ...view, logX: event.currentTarget.checked })} />
          {t('chart.log.x')}
        </label>
      )}
      <label class="check">
        <input type="checkbox" checked={view.logY} onChange={(event) => props.onChange({ ...view, logY: event.currentTarget.checked })} />
        {t('chart.log.y')}
      </label>
    </div>
  );
}
