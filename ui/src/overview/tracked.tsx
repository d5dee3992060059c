import { useEffect, useState } from 'preact/hooks';
import { formatNumber } from '../format';
import { language, t } from '../i18n';
import { Command, Panel, Scroll, Time } from '../parts/bits';
import { runPath } from '../router';
import { RunStateBadge } from '../runs/badge';
import { readRunsPage, type RunsPage } from '../runs/types';
import { server } from '../server';

const SHOWN = 5;

/** What clients of MLflow have logged here, and how they begin: on a server without a project, the way in. */
export function Tracked() {
  const [page, setPage] = useState<RunsPage | null>(null);
  useEffect(() => {
    const stop = new AbortController();
    server('/api/v1/runs/search', { body: { limit: SHOWN, count: true }, signal: stop.signal }).then(
      (json) => setPage(readRunsPage(json)),
      () => {}, // The page says by itself that the server cannot be asked.
    );
    return () => stop.abort();
  }, []);
  if (!page) return null;
  return (
    <Panel
      title={t('tracked.title')}
      aside={
        <span class="muted">
          <a href="/runs">{t('tracked.runs', { count: formatNumber(page.count ?? page.runs.length, language.value) })}</a>
          {' · '}
          <a href="/models">{t('tracked.models')}</a>
        </span>
      }
    >
      <p>
        {t('tracked.begin')} <Command command={`export MLFLOW_TRACKING_URI=${location.origin}`} />
      </p>
      {page.runs.length > 0 && (
        <Scroll title={t('tracked.title')}>
          <table>
            <thead>
              <tr>
                <th scope="col">{t('tracked.run')}</th>
                <th scope="col">{t('tracked.status')}</th>
                <th scope="col">{t('tracked.started')}</th>
              </tr>
            </thead>
            <tbody>
              {page.runs.map((run) => (
                <tr key={run.id}>
                  <th scope="row">
                    <a href={runPath(run.id)}>
                      <bdi>{run.name}</bdi>
                    </a>
                  </th>
                  <td>
                    <RunStateBadge state={run.status} />
                  </td>
                  <td>
                    <Time at={run.startedAt} short />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
      )}
    </Panel>
  );
}
