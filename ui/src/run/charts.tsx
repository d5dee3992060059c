import { useEffect, useMemo, useState } from 'preact/hooks';
import { ChartCard, ViewControls, type Drawn } from '../chart/card';
import { extent, readSeries, type Series, type View } from '../chart/series';
import { formatNumber, formatValue } from '../format';
import { language, t } from '../i18n';
import { Panel, Scroll, Unknown } from '../parts/bits';
import { server } from '../server';
import { CHARTS_FIRST, POINTS, type Followed } from './follow';
import type { Detail } from './types';

/** The run's metrics: a chart of each that has a course, and all of them as a table. */
export function Charts({ followed, detail }: { followed: Followed; detail: Detail }) {
  const { run } = detail;
  const [view, setView] = useState<View>({ axis: 'step', smoothing: 0, logX: false, logY: false });
  const [wanted, setWanted] = useState('');
  const [most, setMost] = useState(CHARTS_FIRST);
  const [asTable, setAsTable] = useState(false);
  const all = useMemo(() => Object.keys(run.metrics).sort(bySystemLast), [Object.keys(run.metrics).length]);
  const found = all.filter((key) => key.toLowerCase().includes(wanted.toLowerCase()));
  const shown = found.slice(0, most);
  useEffect(() => followed.want(shown), [shown.join('\n')]);
  const series = followed.series.value;
  const coursed = shown.filter((key) => (series.get(key)?.count ?? 0) > 1);
  const loaded = shown.some((key) => series.has(key));
  const running = run.status === 'RUNNING' || run.status === 'SCHEDULED';
  if (all.length === 0) {
    return (
      <Panel title={t('run.metrics')}>
        <p class="empty" role="status">
          {running ? t('run.metrics.waiting') : t('run.metrics.none')}
        </p>
      </Panel>
    );
  }
  return (
    <Panel
      class="charts"
      title={t('run.metrics')}
      aside={
        <div class="chart-tools">
          {all.length > 6 && (
            <input
              type="search"
              class="input"
              placeholder={t('run.metrics.find')}
              aria-label={t('run.metrics.find')}
              value={wanted}
              onInput={(event) => setWanted(event.currentTarget.value)}
            />
          )}
          {!asTable && coursed.length > 0 && <ViewControls view={view} axes={['step', 'time']} onChange={setView} />}
          <button type="button" class="quiet" onClick={() => setAsTable(!asTable)}>
            {asTable ? t('chart.chart') : t('chart.table')}
          </button>
        </div>
      }
    >
      {asTable || (loaded && coursed.length === 0) ? (
        <MetricTable keys={found} detail={detail} series={series} />
      ) : (
        <>
          <div class="cards">
            {!loaded && shown.slice(0, 6).map((key) => <div key={key} class="card card-wait card-low" />)}
            {coursed.map((key) => (
              <One key={key} series={series.get(key) as Series} view={view} />
            ))}
          </div>
          {loaded && coursed.length < shown.length && <Singles keys={shown.filter((k) => !coursed.includes(k))} detail={detail} />}
        </>
      )}
      {found.length > most && (
        <button type="button" class="quiet more-button" onClick={() => setMost(most + CHARTS_FIRST)}>
          {t('run.metrics.more', { count: Math.min(CHARTS_FIRST, found.length - most), all: found.length })}
        </button>
      )}
    </Panel>
  );
}

function bySystemLast(a: string, b: string): number {
  return Number(a.startsWith('system/')) - Number(b.startsWith('system/')) || a.localeCompare(b);
}

function One({ series, view }: { series: Series; view: View }) {
  const drawn = useMemo<Drawn[]>(() => [{ series, label: series.key, colour: 's0' }], [series]);
  return (
    <ChartCard
      title={series.key}
      drawn={drawn}
      view={view}
      height={190}
      sync="run"
      closer={async ([from, to], signal) => {
        const scale = view.axis === 'time' ? 1000 : 1;
        const body = { runs: [series.run], keys: [series.key], points: POINTS, axis: view.axis === 'time' ? 'time' : 'step', from: from * scale, to: to * scale };
        return readSeries(await server('/api/v1/metrics/series', { body, signal }));
      }}
    />
  );
}

/** Metrics that were logged once have no course to draw. */
function Singles({ keys, detail }: { keys: string[]; detail: Detail }) {
  return (
    <dl class="singles">
      {keys.map((key) => {
        const value = detail.run.metrics[key];
        return (
          <div key={key}>
            <dt title={key}>{key}</dt>
            <dd title={String(value)}>{value === undefined ? <Unknown /> : formatValue(value, language.value)}</dd>
          </div>
        );
      })}
    </dl>
  );
}

function MetricTable({ keys, detail, series }: { keys: string[]; detail: Detail; series: ReadonlyMap<string, Series> }) {
  const lang = language.value;
  const value = (v: number | null | undefined) => (v === null || v === undefined ? <Unknown /> : <span title={String(v)}>{formatValue(v, lang)}</span>);
  return (
    <Scroll title={t('run.metrics')}>
      <table class="metric-table">
        <thead>
          <tr>
            <th scope="col">{t('run.metric')}</th>
            <th scope="col" class="number">
              {t('chart.last')}
            </th>
            <th scope="col" class="number">
              {t('chart.min')}
            </th>
            <th scope="col" class="number">
              {t('chart.max')}
            </th>
            <th scope="col" class="number">
              {t('chart.step')}
            </th>
            <th scope="col" class="number">
              {t('chart.count')}
            </th>
          </tr>
        </thead>
        <tbody>
          {keys.map((key) => {
            const known = series.get(key);
            const e = known ? extent(known) : null;
            return (
              <tr key={key}>
                <th scope="row">{key}</th>
                <td class="number">{value(detail.run.metrics[key])}</td>
                <td class="number">{value(e?.min)}</td>
                <td class="number">{value(e?.max)}</td>
                <td class="number">{e?.lastStep === null || e === null ? <Unknown /> : formatNumber(e.lastStep, lang)}</td>
                <td class="number">{known ? formatNumber(known.count, lang) : <Unknown />}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </Scroll>
  );
}
