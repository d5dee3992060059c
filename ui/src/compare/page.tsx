import { useEffect, useMemo, useState } from 'preact/hooks';
import { learn, t } from '../i18n';
import en from '../i18n/compare.en.json';
import ko from '../i18n/compare.ko.json';
import { Panel, Scroll, Unknown } from '../parts/bits';
import { Refused } from '../parts/refused';
import { ask, comparedIds, place } from '../router';
import { readRunsPage, type Run } from '../runs/types';
import { writeText } from '../runs/filter';
import { isAborted, server } from '../server';
import { titled } from '../state';
import '../style/compare.css';
import { dimension, firstAxes, kept, parameters, type Brushes, type Dimension } from './derive';
import { Lines } from './lines';
import { Parallel } from './parallel';
import { Scatter } from './scatter';

learn(en, ko);

export const colourOf = (index: number) => `s${index % 10}`;

/** A run's colour, with its number, so that colour is never the only word. */
export function Chip({ index }: { index: number }) {
  return (
    <span class="chip" style={{ background: `var(--${colourOf(index)})` }} aria-hidden="true">
      {index + 1}
    </span>
  );
}

/** Several runs side by side. */
export default function Compare() {
  const ids = comparedIds(place.value.query);
  const key = ids.join(',');
  const [runs, setRuns] = useState<Run[] | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [brushes, setBrushes] = useState<Brushes>(new Map());
  const [axes, setAxes] = useState<string[] | null>(null);
  const [lit, setLit] = useState<string | null>(null);
  useEffect(() => {
    if (ids.length === 0) {
      setRuns([]);
      return;
    }
    const stop = new AbortController();
    const filter = `attributes.run_id IN (${ids.map(writeText).join(', ')})`;
    server('/api/v1/runs/search', { body: { filter, limit: ids.length, view: 'all' }, signal: stop.signal }).then(
      (json) => {
        const found = readRunsPage(json).runs;
        setRuns(ids.map((id) => found.find((r) => r.id === id)).filter((r): r is Run => r !== undefined));
        setError(null);
      },
      (failed: unknown) => {
        if (!isAborted(failed)) setError(failed);
      },
    );
    return () => stop.abort();
  }, [key]);
  titled.value = t('compare.title');
  const shownAxes = useMemo(() => axes ?? firstAxes(runs ?? []), [axes, runs]);
  const off = useMemo(() => {
    if (!runs || brushes.size === 0) return new Set<string>();
    const dimensions = shownAxes.map((each) => dimension(each, runs)).filter((d): d is Dimension => d !== null);
    return new Set(runs.filter((_, i) => !kept(i, dimensions, brushes)).map((r) => r.id));
  }, [runs, shownAxes, brushes]);
  const remove = (id: string) => ask({ ids: ids.filter((each) => each !== id).join(',') });

  if (error !== null) {
    return (
      <div class="compare">
        <h1>{t('compare.title')}</h1>
        <Refused error={error} />
      </div>
    );
  }
  if (runs === null) return <h1 class="hidden">{t('compare.title')}</h1>;
  if (runs.length === 0) {
    return (
      <div class="alone">
        <h1>{t('compare.none.title')}</h1>
        <p class="sentence">{t('compare.none.text')}</p>
        <p>
          <a href="/runs">{t('compare.none.link')}</a>
        </p>
      </div>
    );
  }
  return (
    <div class="compare">
      <header class="page-head">
        <h1>{t('compare.heading', { count: runs.length })}</h1>
        {runs.length < ids.length && <p class="muted">{t('compare.gone', { count: ids.length - runs.length })}</p>}
        {off.size > 0 && (
          <p class="muted" role="status">
            {t('compare.brushed', { kept: runs.length - off.size, count: runs.length })}
          </p>
        )}
        <a class="quiet add" href="/runs">
          {t('compare.add')}
        </a>
      </header>
      {runs.length === 1 && <p class="sentence">{t('compare.one')}</p>}
      <Lines runs={runs} off={off} lit={lit} onLit={setLit} onRemove={remove} />
      <Parameters runs={runs} />
      {runs.length > 1 && (
        <>
          <Parallel runs={runs} axes={shownAxes} brushes={brushes} lit={lit} onAxes={setAxes} onBrush={setBrushes} onLit={setLit} />
          <Scatter runs={runs} off={off} lit={lit} onLit={setLit} />
        </>
      )}
    </div>
  );
}

/** Parameters side by side; those that do not differ come only when asked for. */
function Parameters({ runs }: { runs: readonly Run[] }) {
  const [all, setAll] = useState(false);
  const differing = useMemo(() => parameters(runs, true), [runs]);
  const every = useMemo(() => parameters(runs, false), [runs]);
  const shown = all || runs.length === 1 ? every : differing;
  return (
    <Panel
      title={t('compare.params')}
      aside={
        runs.length > 1 &&
        every.length > differing.length && (
          <label class="check">
            <input type="checkbox" checked={all} onChange={(event) => setAll(event.currentTarget.checked)} />
            {t('compare.params.all', { count: every.length })}
          </label>
        )
      }
    >
      {shown.length === 0 ? (
        <p class="empty">{every.length === 0 ? t('compare.params.none') : t('compare.params.same', { count: every.length })}</p>
      ) : (
        <Scroll title={t('compare.params')}>
          <table class="params-table">
            <thead>
              <tr>
                <th scope="col">{t('compare.param')}</th>
                {runs.map((run, i) => (
                  <th key={run.id} scope="col" title={run.name}>
                    <Chip index={i} />
                    <span class="params-run">{run.name}</span>
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {shown.map((p) => (
                <tr key={p.name}>
                  <th scope="row">{p.name}</th>
                  {p.values.map((value, i) => (
                    <td key={i} class={value !== undefined && p.usual !== undefined && value === p.usual ? 'muted' : 'changed'} title={value}>
                      {value === undefined ? <Unknown /> : value.length > 80 ? `${value.slice(0, 80)}…` : value}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
      )}
    </Panel>
  );
}
