import { useEffect, useState } from 'preact/hooks';
import { formatNumber, formatValue } from '../format';
import { language, t } from '../i18n';
import { Panel, Scroll, Time } from '../parts/bits';
import { runPath } from '../router';
import { RunStateBadge } from '../runs/badge';
import { readRunsPage, type RunsPage } from '../runs/types';
import { server } from '../server';
import type { Run } from '../runs/types';

/** The tag by which MLflow's clients name the run that a run is nested in. */
export const PARENT = 'mlflow.parentRunId';

const SHOWN = 20;
const METRICS = 3;

/** The filter of the runs that are nested in this one; null for an id that no client makes. */
export function nestedIn(id: string): string | null {
  return /^[\w-]+$/.test(id) ? `tags.\`${PARENT}\` = '${id}'` : null;
}

/** The runs that are nested in this one, such as the trials of a search; nothing where there are none. */
export function Family({ run }: { run: Run }) {
  const [page, setPage] = useState<RunsPage | null>(null);
  const filter = nestedIn(run.id);
  useEffect(() => {
    if (filter === null) return;
    const stop = new AbortController();
    const body = { filter, limit: SHOWN, count: true, columns: { metrics: ['*'] } };
    server('/api/v1/runs/search', { body, signal: stop.signal }).then(
      (json) => setPage(readRunsPage(json)),
      () => {}, // Who has no children and who cannot be asked look alike: the page lives without.
    );
    return () => stop.abort();
  }, [run.id]);
  if (filter === null || !page || page.runs.length === 0) return null;
  const metrics = [...new Set(page.runs.flatMap((child) => Object.keys(child.metrics)))].slice(0, METRICS);
  const count = page.count ?? page.runs.length;
  const all = `/runs?${new URLSearchParams({ ...(run.experiment ? { experiment: run.experiment } : {}), q: filter }).toString()}`;
  return (
    <Panel class="nested" title={t('run.nested')} aside={<span class="muted">{formatNumber(count, language.value)}</span>}>
      <Scroll title={t('run.nested')}>
        <table>
          <thead>
            <tr>
              <th scope="col">{t('run.strip.run')}</th>
              <th scope="col">{t('run.status')}</th>
              <th scope="col">{t('run.started')}</th>
              {metrics.map((key) => (
                <th key={key} scope="col" class="number">
                  {key}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {page.runs.map((child) => (
              <tr key={child.id}>
                <th scope="row">
                  <a href={runPath(child.id)}>
                    <bdi>{child.name}</bdi>
                  </a>
                </th>
                <td>
                  <RunStateBadge state={child.status} />
                </td>
                <td>
                  <Time at={child.startedAt} short />
                </td>
                {metrics.map((key) => (
                  <td key={key} class="number">
                    {child.metrics[key] === undefined ? '' : formatValue(child.metrics[key], language.value)}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
      <p>
        <a href={all}>{t('run.nested.all')}</a>
      </p>
    </Panel>
  );
}
