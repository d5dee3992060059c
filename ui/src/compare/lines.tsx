import { useEffect, useMemo, useState } from 'preact/hooks';
import { ChartCard, ViewControls, type Drawn } from '../chart/card';
import { nearestIndex, readSeries, track, type Series, type View } from '../chart/series';
import { decimalsFor, formatAligned, formatSpan, formatValue } from '../format';
import { language, t } from '../i18n';
import { Panel, Scroll, Unknown } from '../parts/bits';
import { Menu } from '../parts/menu';
import { UiIcon } from '../parts/icons';
import { Refused } from '../parts/refused';
import { runPath } from '../router';
import { RunStateBadge } from '../runs/badge';
import type { Run } from '../runs/types';
import { isAborted, server } from '../server';
import { metricNames } from './derive';
import { Chip, colourOf } from './page';

const SHOWN_FIRST = 4;
const POINTS_IN_ALL = 24_000;
const SERIES_MAX = 500;

/** The courses of the runs' metrics, one chart each, and a table of their values where the pointer is. */
export function Lines(props: { runs: readonly Run[]; off: ReadonlySet<string>; lit: string | null; onLit(id: string | null): void; onRemove(id: string): void }) {
  const { runs, off, lit } = props;
  const all = useMemo(() => metricNames(runs), [runs]);
  const [series, setSeries] = useState<Series[] | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [chosen, setChosen] = useState<string[] | null>(null);
  const [view, setView] = useState<View>({ axis: 'step', smoothing: 0, logX: false, logY: false });
  const [at, setAt] = useState<number | null>(null);
  const asked = useMemo(() => all.slice(0, Math.max(1, Math.min(60, Math.floor(SERIES_MAX / Math.max(1, runs.length))))), [all, runs.length]);
  const points = Math.max(60, Math.min(800, Math.floor(POINTS_IN_ALL / Math.max(1, runs.length))));

  useEffect(() => {
    if (asked.length === 0) return;
    const stop = new AbortController();
    server('/api/v1/metrics/series', { body: { runs: runs.map((r) => r.id), keys: asked, points, axis: 'step' }, signal: stop.signal }).then(
      (json) => {
        setSeries(readSeries(json));
        setError(null);
      },
      (failed: unknown) => {
        if (!isAborted(failed)) setError(failed);
      },
    );
    return () => stop.abort();
  }, [runs, asked.join('\n')]);

  const coursed = useMemo(() => asked.filter((key) => series?.some((s) => s.key === key && s.points.length > 1)), [asked, series]);
  const shown = chosen ?? coursed.slice(0, SHOWN_FIRST);
  const tableKeys = [...shown, ...all.filter((key) => !shown.includes(key))].slice(0, Math.max(shown.length, 6));
  return (
    <Panel
      class="compare-lines"
      title={t('compare.metrics')}
      aside={
        coursed.length > 0 && (
          <span class="chart-tools">
            <ViewControls view={view} axes={['step', 'elapsed', 'time']} logX onChange={setView} />
            <Menu
              label={t('compare.shown')}
              panelClass="picker"
              face={
                <>
                  <UiIcon name="line" />
                  {t('compare.shown')}
                </>
              }
            >
              {() => (
                <div class="picker-list">
                  <fieldset>
                    <legend>{t('compare.shown')}</legend>
                    {coursed.map((key) => (
                      <label key={key}>
                        <input
                          type="checkbox"
                          checked={shown.includes(key)}
                          onChange={(event) => setChosen(event.currentTarget.checked ? [...shown, key] : shown.filter((k) => k !== key))}
                        />
                        <span>{key}</span>
                      </label>
                    ))}
                  </fieldset>
                </div>
              )}
            </Menu>
          </span>
        )
      }
    >
      {error !== null && <Refused error={error} />}
      <Values {...props} keys={tableKeys} series={series ?? []} view={view} at={at} />
      <div class="cards cards-wide">
        {series === null && error === null && all.slice(0, SHOWN_FIRST).map((key) => <div key={key} class="card card-wait" />)}
        {shown.map((key) => (
          <One key={key} metric={key} runs={runs} series={series ?? []} view={view} points={points} off={off} lit={lit} onPlace={setAt} />
        ))}
      </div>
      {series !== null && coursed.length === 0 && <p class="empty">{t('compare.metrics.none')}</p>}
    </Panel>
  );
}

function One(props: { metric: string; runs: readonly Run[]; series: readonly Series[]; view: View; points: number; off: ReadonlySet<string>; lit: string | null; onPlace(x: number | null): void }) {
  const { metric, runs, series, off, lit, view } = props;
  const drawn = useMemo<Drawn[]>(
    () =>
      runs.flatMap((run, i) => {
        const own = series.find((s) => s.run === run.id && s.key === metric);
        return own ? [{ series: own, label: run.name, colour: colourOf(i), dim: off.has(run.id) || (lit !== null && lit !== run.id) }] : [];
      }),
    [metric, runs, series, off, lit],
  );
  return (
    <ChartCard
      title={metric}
      drawn={drawn}
      view={view}
      height={230}
      sync="compare"
      onPlace={props.onPlace}
      closer={async ([from, to], signal) => {
        if (view.axis === 'elapsed') return [...series];
        const scale = view.axis === 'time' ? 1000 : 1;
        const body = { runs: runs.map((r) => r.id), keys: [metric], points: props.points, axis: view.axis, from: from * scale, to: to * scale };
        return readSeries(await server('/api/v1/metrics/series', { body, signal }));
      }}
    />
  );
}

/** Of each run the values where the pointer is, else the last. */
function Values(props: {
  runs: readonly Run[];
  keys: string[];
  series: readonly Series[];
  view: View;
  at: number | null;
  off: ReadonlySet<string>;
  lit: string | null;
  onLit(id: string | null): void;
  onRemove(id: string): void;
}) {
  const { runs, keys, series, view, at } = props;
  const lang = language.value;
  const tracks = useMemo(() => new Map(series.map((s) => [`${s.run} ${s.key}`, track(s, view)])), [series, view]);
  const decimals = useMemo(() => new Map(keys.map((key) => [key, decimalsFor(runs.map((r) => r.metrics[key]).filter((v): v is number => v !== undefined))])), [keys.join('\n'), runs]);
  const valueOf = (run: Run, key: string): number | null => {
    if (at !== null) {
      const found = tracks.get(`${run.id} ${key}`);
      if (found && found.x.length > 1) {
        const i = nearestIndex(found.x, at);
        return found.y[i] ?? null;
      }
    }
    return run.metrics[key] ?? null;
  };
  const place = at === null ? t('compare.at.last') : view.axis === 'step' ? t('compare.at.step', { step: formatValue(Math.round(at), lang) }) : view.axis === 'elapsed' ? t('compare.at.elapsed', { time: formatSpan(at * 1000, lang) }) : t('compare.at.pointer');
  return (
    <div class="compare-values">
      <Scroll title={t('compare.values')}>
        <table>
          <thead>
            <tr>
              <th scope="col" class="compare-place">
                {place}
              </th>
              <th scope="col">{t('compare.status')}</th>
              {keys.map((key) => (
                <th key={key} scope="col" class="number" title={key}>
                  {key}
                </th>
              ))}
              <th scope="col">
                <span class="hidden">{t('compare.remove')}</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {runs.map((run, i) => (
              <tr
                key={run.id}
                class={`${props.off.has(run.id) ? 'off' : ''} ${props.lit === run.id ? 'lit' : ''}`}
                onMouseEnter={() => props.onLit(run.id)}
                onMouseLeave={() => props.onLit(null)}
              >
                <th scope="row">
                  <Chip index={i} />
                  <a href={runPath(run.id)}>{run.name}</a>
                </th>
                <td>
                  <RunStateBadge state={run.status} />
                </td>
                {keys.map((key) => {
                  const value = valueOf(run, key);
                  return (
                    <td key={key} class="number" title={value === null ? undefined : String(value)}>
                      {value === null ? <Unknown /> : formatAligned(value, decimals.get(key) ?? 4, lang)}
                    </td>
                  );
                })}
                <td class="number">
                  <button type="button" class="bare" aria-label={t('compare.remove.one', { name: run.name })} onClick={() => props.onRemove(run.id)}>
                    <UiIcon name="cross" />
                  </button>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
    </div>
  );
}
