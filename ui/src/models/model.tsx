import { useEffect, useState } from 'preact/hooks';
import { learn, t } from '../i18n';
import en from '../i18n/models.en.json';
import ko from '../i18n/models.ko.json';
import { Panel, Scroll, Time } from '../parts/bits';
import { Refused } from '../parts/refused';
import { ask, place, routeOf } from '../router';
import { isAborted, Refusal, server } from '../server';
import { titled } from '../state';
import '../style/models.css';
import { RollbackDialog, StageDialog } from './dialogs';
import { Lineage } from './lineage';
import { Timeline } from './timeline';
import { readMoves, readWhole, type Model, type Move, type Version } from './types';
import { reasonWords } from './reason';
import { VersionPanel } from './version';
import { GatesInShort, StageBadge } from './words';

learn(en, ko);

/** One model: its versions, what each was made from, and every move of a stage or an alias. */
export default function ModelPage() {
  const route = routeOf(place.value.path);
  return route.page === 'model' ? <One key={route.name} name={route.name} /> : null;
}

function One({ name }: { name: string }) {
  const [whole, setWhole] = useState<{ model: Model; versions: Version[] } | null>(null);
  const [moves, setMoves] = useState<Move[]>([]);
  const [error, setError] = useState<unknown>(null);
  const [dialog, setDialog] = useState<'stage' | 'rollback' | null>(null);
  const base = `/api/v1/models/${encodeURIComponent(name)}`;
  const load = (signal?: AbortSignal) => {
    const asked = signal ? { signal } : {};
    server(base, asked).then(
      (json) => {
        setWhole(readWhole(json));
        setError(null);
      },
      (failed: unknown) => {
        if (!isAborted(failed)) setError(failed);
      },
    );
    server(`${base}/history?limit=500`, asked).then(
      (json) => setMoves(readMoves(json)),
      () => {},
    );
  };
  useEffect(() => {
    const stop = new AbortController();
    load(stop.signal);
    return () => stop.abort();
  }, [name]);
  titled.value = name;
  if (!whole) {
    if (error === null) return <h1 class="hidden">{name}</h1>;
    const missing = error instanceof Refusal && error.status === 404;
    return (
      <div class="alone">
        <h1>{missing ? t('model.missing') : t('model.trouble')}</h1>
        {missing ? <p class="sentence">{t('model.missing.text', { name })}</p> : <Refused error={error} onRetry={() => load()} />}
        <p>
          <a href="/models">{t('model.all')}</a>
        </p>
      </div>
    );
  }
  const { model, versions } = whole;
  const asked = Number(place.value.query.get('version'));
  const chosen = versions.find((v) => v.version === asked) ?? versions.find((v) => v.stage === 'Production') ?? versions[0];
  return (
    <div class="model">
      <header class="page-head">
        <h1>{model.name}</h1>
        <span class="reasons">
          {Object.entries(model.tags).map(([key, value]) => (
            <span key={key} class="reason">
              {key}: {value}
            </span>
          ))}
        </span>
        {versions.length > 0 && (
          <button type="button" class="quiet danger" onClick={() => setDialog('rollback')}>
            {t('model.rollback')}
          </button>
        )}
      </header>
      {model.description && <p class="sentence">{model.description}</p>}
      {versions.length === 0 ? (
        <p class="empty">{t('model.versions.none')}</p>
      ) : (
        <>
          <Panel class="model-versions" title={t('model.versions')}>
            <Scroll title={t('model.versions')}>
              <table class="version-table">
                <thead>
                  <tr>
                    <th scope="col" class="number">
                      {t('model.version')}
                    </th>
                    <th scope="col">{t('model.semver')}</th>
                    <th scope="col">{t('model.stage')}</th>
                    <th scope="col">{t('models.aliases')}</th>
                    <th scope="col">{t('model.reason')}</th>
                    <th scope="col">{t('models.gates')}</th>
                    <th scope="col">{t('model.registered')}</th>
                  </tr>
                </thead>
                <tbody>
                  {versions.map((v) => (
                    <tr key={v.version} class={v === chosen ? 'chosen' : ''}>
                      <th scope="row" class="number">
                        <button type="button" class="link" aria-pressed={v === chosen} onClick={() => ask({ version: String(v.version) })}>
                          {v.version}
                        </button>
                      </th>
                      <td>{v.semver && <code>{v.semver}</code>}</td>
                      <td>
                        <StageBadge stage={v.stage} />
                      </td>
                      <td>
                        <span class="reasons">
                          {v.aliases.map((alias) => (
                            <span key={alias} class="reason">
                              {alias}
                            </span>
                          ))}
                        </span>
                      </td>
                      <td class="why">{v.reason && reasonWords(v.reason)}</td>
                      <td>
                        <GatesInShort gates={v.gates} />
                      </td>
                      <td class="when">
                        <Time at={v.at} short />
                        {v.by && ` ${v.by}`}
                      </td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </Scroll>
          </Panel>
          {chosen && (
            <>
              <VersionPanel key={chosen.version} base={base} version={chosen} versions={versions} onMove={() => setDialog('stage')} onChanged={() => load()} />
              <Lineage key={`graph${chosen.version}`} model={model.name} version={chosen} />
            </>
          )}
        </>
      )}
      <Timeline moves={moves} />
      {dialog === 'stage' && chosen && (
        <StageDialog base={base} version={chosen} versions={versions} onClose={() => setDialog(null)} onDone={() => load()} />
      )}
      {dialog === 'rollback' && <RollbackDialog base={base} versions={versions} moves={moves} onClose={() => setDialog(null)} onDone={() => load()} />}
    </div>
  );
}
