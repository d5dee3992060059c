import { useEffect, useState } from 'preact/hooks';
import { formatBytes, formatNumber, formatSpan, formatValue } from '../format';
import { language, learn, t } from '../i18n';
import en from '../i18n/run.en.json';
import ko from '../i18n/run.ko.json';
import { Panel, Scroll, Time } from '../parts/bits';
import { Refused } from '../parts/refused';
import { Snippet } from '../parts/snippet';
import { tell } from '../parts/toast';
import { place, routeOf, runPath } from '../router';
import { spanOf } from '../runs/columns';
import { RunStateBadge } from '../runs/badge';
import { Refusal, server } from '../server';
import { titled } from '../state';
import '../style/run.css';
import { Artifacts } from './artifacts';
import { Charts } from './charts';
import { Family, PARENT } from './family';
import { follow, type Followed } from './follow';
import { Strip } from './strip';
import { isOfPipeline, reproduce, type Detail } from './types';

learn(en, ko);

/** One run: what it was, what it measured, what it left, and how to do it again. */
export default function RunPage() {
  const route = routeOf(place.value.path);
  return route.page === 'run' ? <One key={route.id} id={route.id} /> : null;
}

function One({ id }: { id: string }) {
  const [followed] = useState(() => follow(id));
  useEffect(() => () => followed.close(), []);
  const detail = followed.detail.value;
  const error = followed.error.value;
  titled.value = detail?.run.name ?? id;
  if (!detail) return error === null ? <h1 class="hidden">{id}</h1> : <Nowhere id={id} error={error} onRetry={followed.reload} />;
  return (
    <div class="run">
      <Header followed={followed} detail={detail} />
      <Strip detail={detail} />
      <Charts followed={followed} detail={detail} />
      <Family run={detail.run} />
      <div class="pair halves">
        <Named class="params" title={t('run.params')} empty={t('run.params.none')} values={detail.run.params} />
        <Named class="tags" title={t('run.tags')} empty={t('run.tags.none')} values={detail.run.tags} />
      </div>
      <AllFiles detail={detail} />
      <div class="pair halves">
        <Environment detail={detail} />
        <div class="stacked">
          <Resources detail={detail} />
          <Again detail={detail} />
        </div>
      </div>
    </div>
  );
}

const MODELS_SHOWN = 6;

/** The run's own files, and those of each model that it logged. */
function AllFiles({ detail }: { detail: Detail }) {
  const made = detail.models.filter((m) => m.role === 'output');
  const id = encodeURIComponent(detail.run.id);
  return (
    <>
      {(detail.artifacts !== 0 || made.length === 0) && (
        <Artifacts title={t('run.artifacts')} base={`/api/v1/runs/${id}/artifacts`} aside={detail.artifacts === null ? null : t('run.files', { count: detail.artifacts })} />
      )}
      {made.slice(0, MODELS_SHOWN).map((m) => (
        <Artifacts key={m.id} title={t('run.model.files', { name: m.name })} base={`/api/v1/logged-models/${encodeURIComponent(m.id)}/artifacts`} aside={m.id} />
      ))}
    </>
  );
}

/** How to do it again, as far as is known; nothing where nothing is. */
function Again({ detail }: { detail: Detail }) {
  const text = reproduce(detail);
  if (text === '') return null;
  return (
    <Panel title={t('run.reproduce')}>
      <p class="sentence">{isOfPipeline(detail) ? t('run.reproduce.text') : t('run.reproduce.known')}</p>
      <Snippet text={text} />
    </Panel>
  );
}

function Nowhere({ id, error, onRetry }: { id: string; error: unknown; onRetry(): void }) {
  const missing = error instanceof Refusal && error.status === 404;
  return (
    <div class="alone">
      <h1>{missing ? t('run.missing') : t('run.trouble')}</h1>
      {missing ? <p class="sentence">{t('run.missing.text', { id })}</p> : <Refused error={error} onRetry={onRetry} />}
      <p>
        <a href="/runs">{t('run.all')}</a>
      </p>
    </div>
  );
}

function Header({ followed, detail }: { followed: Followed; detail: Detail }) {
  const { run } = detail;
  const lang = language.value;
  const [now, setNow] = useState(Date.now());
  const running = run.status === 'RUNNING';
  useEffect(() => {
    if (!running) return;
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, [running]);
  const span = spanOf(run, Math.max(now, Date.now()));
  const commit = detail.environment['commit'];
  const parent = run.tags[PARENT];
  const change = async (what: 'delete' | 'restore') => {
    try {
      await server(`/api/v1/runs/${what}`, { body: { ids: [run.id] } });
      followed.reload();
      tell({
        text: what === 'delete' ? t('run.archived', { name: run.name }) : t('run.restored', { name: run.name }),
        ...(what === 'delete' ? { undo: () => void change('restore') } : {}),
      });
    } catch (error) {
      tell({ text: error instanceof Refusal ? error.what : t('link.lost.title'), failed: true });
    }
  };
  return (
    <header class="run-head">
      <div class="run-title">
        <h1>
          <bdi>{run.name}</bdi>
        </h1>
        <span class="run-state" role="status">
          <RunStateBadge state={run.status} />
          {followed.live.value && <span class="live-mark">{t('run.live')}</span>}
          {run.deleted && <span class="reason">{t('run.deleted')}</span>}
        </span>
        <div class="run-actions">
          <a class="quiet" href={`/compare?ids=${encodeURIComponent(run.id)}`}>
            {t('run.compare')}
          </a>
          <button type="button" class="quiet" onClick={() => void change(run.deleted ? 'restore' : 'delete')}>
            {run.deleted ? t('run.restore') : t('run.archive')}
          </button>
        </div>
      </div>
      <dl class="facts">
        {run.experiment && (
          <Fact name={t('run.experiment')}>
            <a href={`/runs?experiment=${encodeURIComponent(run.experiment)}`}>{detail.experimentName ?? run.experiment}</a>
          </Fact>
        )}
        {parent && (
          <Fact name={t('run.parent')}>
            <a href={runPath(parent)}>
              <code>{parent.slice(0, 12)}</code>
            </a>
          </Fact>
        )}
        <Fact name={t('run.started')}>
          <Time at={run.startedAt} />
        </Fact>
        {span !== null && <Fact name={t('run.duration')}>{formatSpan(span, lang)}</Fact>}
        {run.user && <Fact name={t('run.user')}>{run.user}</Fact>}
        {run.source && <Fact name={t('run.source')}>{run.source}</Fact>}
        {commit && (
          <Fact name={t('run.commit')}>
            <code title={commit}>{commit.slice(0, 12)}</code>
          </Fact>
        )}
        <Fact name={t('run.id')}>
          <code class="whole">{run.id}</code>
        </Fact>
      </dl>
    </header>
  );
}

function Fact({ name, children }: { name: string; children: preact.ComponentChildren }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

const NAMED_FIRST = 40;
const INTERNAL = /^mlflow\.(log-model\.history|source\.|user$|runName$|parentRunId$|project)|^orrery\.(env|resource)\./;

/** Parameters or tags; those that the page tells elsewhere come only when asked for. */
function Named(props: { class: string; title: string; empty: string; values: Record<string, string> }) {
  const [all, setAll] = useState(false);
  const entries = Object.entries(props.values).sort(([a], [b]) => a.localeCompare(b));
  const usual = entries.filter(([key]) => !INTERNAL.test(key));
  const shown = all ? entries : usual.slice(0, NAMED_FIRST);
  return (
    <Panel class={props.class} title={props.title} aside={<span class="muted">{formatNumber(entries.length, language.value)}</span>}>
      {entries.length === 0 ? (
        <p class="empty">{props.empty}</p>
      ) : shown.length === 0 ? (
        <p class="empty">{t('run.tags.usual')}</p>
      ) : (
        <Scroll title={props.title}>
          <table class="named">
            <tbody>
              {shown.map(([key, value]) => (
                <tr key={key}>
                  <th scope="row">{key}</th>
                  <td>
                    <span class="named-value" title={value.length > 160 ? value.slice(0, 2000) : undefined}>
                      {value.length > 400 ? `${value.slice(0, 400)}…` : value}
                    </span>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
      )}
      {shown.length < entries.length && (
        <button type="button" class="quiet more-button" onClick={() => setAll(true)}>
          {t('run.show.all', { count: entries.length })}
        </button>
      )}
    </Panel>
  );
}

const LONG = 80;

function Environment({ detail }: { detail: Detail }) {
  const entries = Object.entries(detail.environment);
  const short = entries.filter(([, value]) => !value.includes('\n') && value.length <= LONG);
  const long = entries.filter(([, value]) => value.includes('\n') || value.length > LONG);
  return (
    <Panel title={t('run.environment')}>
      {entries.length === 0 ? (
        <p class="empty">{t('run.environment.none')}</p>
      ) : (
        <>
          <table class="named">
            <tbody>
              {short.map(([key, value]) => (
                <tr key={key}>
                  <th scope="row">{environmentWord(key)}</th>
                  <td>
                    <span class="named-value">{value}</span>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
          {long.map(([key, value]) => (
            <details key={key} class="long">
              <summary>
                {environmentWord(key)} <span class="muted">{t('run.lines', { count: value.split('\n').filter((l) => l !== '').length })}</span>
              </summary>
              <pre tabIndex={0}>{value}</pre>
            </details>
          ))}
        </>
      )}
    </Panel>
  );
}

function environmentWord(key: string): string {
  switch (key) {
    case 'os':
    case 'system':
      return t('run.env.os');
    case 'language':
      return t('run.env.language');
    case 'libraries':
      return t('run.env.libraries');
    case 'commit':
      return t('run.commit');
    case 'branch':
      return t('run.env.branch');
    case 'diff':
      return t('run.env.diff');
    case 'dirty':
      return t('run.env.dirty');
    case 'command':
      return t('run.env.command');
    case 'source':
      return t('run.source');
    case 'source_type':
      return t('run.env.source.type');
    case 'repository':
      return t('run.env.repository');
    default:
      return key.replaceAll('_', ' ');
  }
}

function Resources({ detail }: { detail: Detail }) {
  const entries = Object.entries(detail.resources);
  if (entries.length === 0) return null;
  const lang = language.value;
  return (
    <Panel title={t('run.resources')}>
      <dl class="numbers">
        {entries.map(([key, value]) => (
          <div key={key} class="figure">
            <dt>{resourceWord(key)}</dt>
            <dd>
              <span class="figure-value" title={String(value)}>
                {key.endsWith('_bytes') ? formatBytes(value, lang) : key.endsWith('_seconds') ? formatSpan(value * 1000, lang) : formatValue(value, lang)}
              </span>
            </dd>
          </div>
        ))}
      </dl>
    </Panel>
  );
}

function resourceWord(key: string): string {
  switch (key) {
    case 'cpu_seconds':
      return t('run.resource.cpu');
    case 'peak_memory_bytes':
      return t('run.resource.memory');
    case 'wall_seconds':
      return t('run.duration');
    case 'gpu_seconds':
      return t('run.resource.gpu');
    default:
      return key.replace(/_(seconds|bytes)$/, '').replaceAll('_', ' ');
  }
}
