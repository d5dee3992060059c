import { useEffect, useState } from 'preact/hooks';
import { formatNumber, formatShare } from '../format';
import { language, learn, t } from '../i18n';
import en from '../i18n/deployments.en.json';
import ko from '../i18n/deployments.ko.json';
import { object, text } from '../json';
import { Command, Panel, Scroll, Time, Unknown } from '../parts/bits';
import { Refused } from '../parts/refused';
import { isAborted, server } from '../server';
import { titled } from '../state';
import '../style/models.css';
import '../style/deployments.css';
import { EndDialog, RollbackDialog } from './dialogs';
import { CanaryPanel, ExperimentPanel, ShadowPanel } from './trials';
import { Try } from './try';
import { readMoves, readStatus, type Move, type Share, type Status } from './types';
import { moveWord, roleWord, strategyWord } from './words';

learn(en, ko);

const EVERY_MS = 3000;

/** Who answers at the endpoint, how a trial stands, and what can be done about it. */
export default function Deployments() {
  const [name, setName] = useState<string | null>(null);
  const [status, setStatus] = useState<Status | null>(null);
  const [moves, setMoves] = useState<Move[]>([]);
  const [error, setError] = useState<unknown>(null);
  const [asked, setAsked] = useState<'promote' | 'abort' | 'rollback' | null>(null);
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    const stop = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const load = async (known: string | null) => {
      let endpoint = known;
      try {
        endpoint ??= text(object(await server('/api/v1/status', { signal: stop.signal }))['endpoint']);
        if (endpoint) {
          const path = `/api/v1/endpoints/${encodeURIComponent(endpoint)}`;
          const [now, state] = await Promise.all([
            server(`${path}/deployment`, { signal: stop.signal }),
            server(path, { signal: stop.signal }),
          ]);
          setStatus(readStatus(now));
          setMoves(readMoves(state));
        }
        setName(endpoint ?? '');
        setError(null);
      } catch (failed) {
        if (isAborted(failed)) return;
        setError(failed);
      }
      if (!stop.signal.aborted) timer = setTimeout(() => void load(endpoint), EVERY_MS);
    };
    void load(name === '' ? null : name);
    return () => {
      stop.abort();
      clearTimeout(timer);
    };
  }, [turn]);
  titled.value = t('deploy.title');
  const base = name ? `/api/v1/endpoints/${encodeURIComponent(name)}` : '';
  const dialog = { base, name: name ?? '', onClose: () => setAsked(null), onDone: () => setTurn(turn + 1) };
  return (
    <div class="deployments">
      <header class="page-head">
        <h1>{name || t('deploy.title')}</h1>
        {status && <span class="muted">{strategyWord(status.strategy)}</span>}
        {status?.rehearsing && <span class="reason rehearsing">{t('deploy.rehearsing')}</span>}
        {status?.trial && (
          <span class="trial-buttons">
            <button type="button" class="quiet strong" onClick={() => setAsked('promote')}>
              {t('deploy.promote')}
            </button>
            <button type="button" class="quiet" onClick={() => setAsked('abort')}>
              {t('deploy.abort')}
            </button>
          </span>
        )}
        {status?.champion && (
          <button type="button" class="quiet danger" disabled={!status.before} onClick={() => setAsked('rollback')}>
            {t('deploy.rollback')}
          </button>
        )}
      </header>
      {error !== null && <Refused error={error} onRetry={() => setTurn(turn + 1)} />}
      {status && status.shares.length === 0 && (
        <Panel title={t('deploy.empty.title')}>
          <p class="sentence">{t('deploy.empty.text')}</p>
          <Command command="orrery run" />
        </Panel>
      )}
      {status && status.shares.length > 0 && <Split shares={status.shares} />}
      {status?.canary && <CanaryPanel canary={status.canary} />}
      {status?.experiment && <ExperimentPanel test={status.experiment} />}
      {status?.shadow && <ShadowPanel shadow={status.shadow} />}
      {status?.champion && name && <Try endpoint={name} />}
      {moves.length > 0 && <Moves moves={moves} />}
      {status && asked === 'rollback' && status.before && <RollbackDialog {...dialog} champion={status.champion ?? ''} before={status.before} />}
      {status && (asked === 'promote' || asked === 'abort') && <EndDialog {...dialog} promotes={asked === 'promote'} status={status} />}
    </div>
  );
}

/** The split of the traffic as one bar, and below it what each version does. */
function Split({ shares }: { shares: Share[] }) {
  const lang = language.value;
  const answering = shares.filter((share) => share.percent > 0);
  const sentence = answering.map((share) => `${share.version} ${formatShare(share.percent / 100, lang)}`).join(', ');
  const ms = (value: number | null) => (value === null ? <Unknown /> : formatNumber(value, lang));
  return (
    <Panel title={t('deploy.split')}>
      <div class="share-bar" role="img" aria-label={sentence}>
        {answering.map((share, at) => (
          <span key={share.version} class={`share-part share-${at % 4}`} style={{ flexGrow: share.percent }}>
            <b>{share.version}</b> {formatShare(share.percent / 100, lang)}
          </span>
        ))}
      </div>
      <Scroll title={t('deploy.split')}>
        <table class="share-table">
          <thead>
            <tr>
              <th scope="col">{t('deploy.version')}</th>
              <th scope="col">{t('deploy.role')}</th>
              <th scope="col" class="number">
                {t('deploy.share')}
              </th>
              <th scope="col" class="number">
                {t('deploy.rate')}
              </th>
              <th scope="col" class="number">
                p50 ms
              </th>
              <th scope="col" class="number">
                p95 ms
              </th>
              <th scope="col" class="number">
                p99 ms
              </th>
              <th scope="col" class="number">
                {t('deploy.answered')}
              </th>
              <th scope="col" class="number">
                {t('deploy.failed')}
              </th>
            </tr>
          </thead>
          <tbody>
            {shares.map((share) => (
              <tr key={`${share.version} ${share.role}`}>
                <th scope="row">{share.version}</th>
                <td>{roleWord(share.role)}</td>
                <td class="number">{formatShare(share.percent / 100, lang)}</td>
                <td class="number">{ms(share.perSecond)}</td>
                <td class="number">{ms(share.p50)}</td>
                <td class="number">{ms(share.p95)}</td>
                <td class="number">{ms(share.p99)}</td>
                <td class="number">{formatNumber(share.answered, lang)}</td>
                <td class={`number ${share.failed > 0 ? 'has-failed' : ''}`}>{formatNumber(share.failed, lang)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
      <p class="muted small">{t('deploy.since')}</p>
    </Panel>
  );
}

function Moves({ moves }: { moves: Move[] }) {
  return (
    <Panel title={t('deploy.moves')}>
      <Scroll title={t('deploy.moves')}>
        <table class="move-table">
          <thead>
            <tr>
              <th scope="col">{t('deploy.when')}</th>
              <th scope="col">{t('deploy.version')}</th>
              <th scope="col">{t('deploy.what')}</th>
              <th scope="col">{t('deploy.who')}</th>
              <th scope="col">{t('deploy.why')}</th>
            </tr>
          </thead>
          <tbody>
            {moves.slice(0, 50).map((move, at) => (
              <tr key={`${move.at} ${at}`}>
                <td class="when">
                  <Time at={move.at} short />
                </td>
                <th scope="row">{move.version}</th>
                <td>{moveWord(move.kind, move.percent)}</td>
                <td>{move.who}</td>
                <td class="why">{move.why}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
    </Panel>
  );
}
