import { useEffect, useState } from 'preact/hooks';
import { formatValue } from '../format';
import { language, t } from '../i18n';
import { Scroll } from '../parts/bits';
import { readRunsPage } from '../runs/types';
import { server } from '../server';
import type { Version } from './types';

const SHOWN = 12;

/** What was measured of a version: what it tells itself, else what its run logged. */
export function Measured({ version }: { version: Version }) {
  const [logged, setLogged] = useState<Record<string, number>>({});
  const isTold = Object.keys(version.metrics).length > 0;
  const run = !isTold && version.run !== null && /^[\w-]+$/.test(version.run) ? version.run : null;
  useEffect(() => {
    if (run === null) return;
    const stop = new AbortController();
    const body = { filter: `run_id = '${run}'`, view: 'all', limit: 1, columns: { metrics: ['*'] } };
    server('/api/v1/runs/search', { body, signal: stop.signal }).then(
      (json) => setLogged(readRunsPage(json).runs[0]?.metrics ?? {}),
      () => {}, // Nothing is then told of it.
    );
    return () => stop.abort();
  }, [run]);
  const entries = Object.entries(isTold ? version.metrics : logged)
    .sort(([a], [b]) => a.localeCompare(b))
    .slice(0, SHOWN);
  if (entries.length === 0) return null;
  return (
    <>
      <h3>{t('model.metrics')}</h3>
      <Scroll title={t('model.metrics')}>
        <table class="named">
          <tbody>
            {entries.map(([key, value]) => (
              <tr key={key}>
                <th scope="row">{key}</th>
                <td class="number" title={String(value)}>
                  {formatValue(value, language.value)}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
    </>
  );
}
