import { useEffect, useState } from 'preact/hooks';
import { formatNumber } from '../format';
import { language, learn, t } from '../i18n';
import en from '../i18n/models.en.json';
import ko from '../i18n/models.ko.json';
import { Panel, Scroll, Time, Unknown } from '../parts/bits';
import { Refused } from '../parts/refused';
import { Snippet } from '../parts/snippet';
import { modelPath } from '../router';
import { isAborted, server } from '../server';
import { titled } from '../state';
import '../style/models.css';
import { readModels, type Model, type Version } from './types';
import { GatesInShort, StageBadge } from './words';

learn(en, ko);

/** All registered models. */
export default function Models() {
  const [models, setModels] = useState<Model[] | null>(null);
  const [next, setNext] = useState<string | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [wanted, setWanted] = useState('');
  const load = (page: string | null, signal?: AbortSignal) => {
    server(`/api/v1/models?limit=200${page ? `&page=${encodeURIComponent(page)}` : ''}`, signal ? { signal } : {}).then(
      (json) => {
        const read = readModels(json);
        setModels((before) => (page ? [...(before ?? []), ...read.models] : read.models));
        setNext(read.next);
        setError(null);
      },
      (failed: unknown) => {
        if (!isAborted(failed)) setError(failed);
      },
    );
  };
  useEffect(() => {
    const stop = new AbortController();
    load(null, stop.signal);
    return () => stop.abort();
  }, []);
  titled.value = t('models.title');
  const shown = models?.filter((m) => m.name.toLowerCase().includes(wanted.toLowerCase())) ?? [];
  return (
    <div class="models">
      <header class="page-head">
        <h1>{t('models.title')}</h1>
        {models && models.length > 8 && (
          <input type="search" class="input" placeholder={t('models.find')} aria-label={t('models.find')} value={wanted} onInput={(event) => setWanted(event.currentTarget.value)} />
        )}
        {models && <span class="count muted">{t('models.count', { count: models.length })}</span>}
      </header>
      {error !== null && <Refused error={error} onRetry={() => load(null)} />}
      {models && models.length === 0 && (
        <Panel title={t('models.empty.title')}>
          <p class="sentence">{t('models.empty.text')}</p>
          <Snippet
            text={`import mlflow\n\nmlflow.set_tracking_uri("${location.origin}")\nwith mlflow.start_run():\n    mlflow.sklearn.log_model(model, name="model", registered_model_name="first")`}
          />
        </Panel>
      )}
      {shown.length > 0 && (
        <Scroll title={t('models.title')}>
          <table class="model-table">
            <thead>
              <tr>
                <th scope="col">{t('models.name')}</th>
                <th scope="col">{t('models.production')}</th>
                <th scope="col">{t('models.latest')}</th>
                <th scope="col">{t('models.gates')}</th>
                <th scope="col">{t('models.aliases')}</th>
                <th scope="col" class="number">
                  {t('models.versions')}
                </th>
                <th scope="col">{t('models.updated')}</th>
              </tr>
            </thead>
            <tbody>
              {shown.map((model) => (
                <tr key={model.name}>
                  <th scope="row">
                    <a href={modelPath(model.name)}>{model.name}</a>
                    {model.description && <small class="clip">{model.description}</small>}
                  </th>
                  <td>{model.production ? <Numbered version={model.production} /> : <Unknown />}</td>
                  <td>
                    {model.latest ? (
                      <>
                        <Numbered version={model.latest} />
                        {model.latest.stage !== 'Production' && model.latest.stage !== 'None' && <StageBadge stage={model.latest.stage} />}
                      </>
                    ) : (
                      <Unknown />
                    )}
                  </td>
                  <td>{model.latest && <GatesInShort gates={model.latest.gates} />}</td>
                  <td>
                    <span class="reasons">
                      {Object.entries(model.aliases).map(([alias, version]) => (
                        <span key={alias} class="reason">
                          {alias} <span class="muted">{version}</span>
                        </span>
                      ))}
                    </span>
                  </td>
                  <td class="number">{formatNumber(model.versions, language.value)}</td>
                  <td class="when">
                    <Time at={model.updatedAt} short />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
      )}
      {next && (
        <button type="button" class="quiet more-button" onClick={() => load(next)}>
          {t('models.more')}
        </button>
      )}
    </div>
  );
}

export function Numbered({ version }: { version: Version }) {
  return (
    <span class="numbered">
      <b>{version.version}</b>
      {version.semver && <code>{version.semver}</code>}
    </span>
  );
}
