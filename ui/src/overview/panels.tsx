import { formatMetric, formatScalar, formatShare } from '../format';
import { language, t } from '../i18n';
import { Bar, Command, Panel, Scroll, Time, Unknown } from '../parts/bits';
import { CRITERION_SIGN, SEVERITY_SIGN, SignIcon, State, VERSION_SIGN } from '../parts/icons';
import { n } from '../state';
import { countCriteria } from './derive';
import {
  CRITERION_GROUPS,
  CRITERION_STATES,
  type Criterion,
  type Finding,
  type Live,
  type NextStep,
  type Overview,
  type Retrain,
  type Version,
} from './types';
import { criteriaCount, criterionWord, groupWord, kindWord, reasonWord, severityWord, versionWord } from './words';

export function LiveNumbers({ live }: { live: Live }) {
  const share =
    live.outcomes !== null && live.predictions !== null && live.predictions > 0
      ? t('live.outcomes.share', { share: formatShare(live.outcomes / live.predictions, language.value) })
      : null;
  return (
    <Panel class="live" title={t('live.title')}>
      <dl class="numbers">
        <Figure name={t('live.predictions')} value={live.predictions} />
        <Figure name={t('live.outcomes')} value={live.outcomes} note={share} />
        <Figure name={t('live.rate')} value={live.ratePerS} unit={t('live.rate.unit')} />
        <Figure name={t('live.errors')} value={live.errors} bad={(live.errors ?? 0) > 0} />
        <Figure name={t('live.p50')} value={live.p50Ms} unit={t('live.ms')} />
        <Figure name={t('live.p99')} value={live.p99Ms} unit={t('live.ms')} />
      </dl>
    </Panel>
  );
}

function Figure(props: { name: string; value: number | null; unit?: string; note?: string | null; bad?: boolean }) {
  return (
    <div class={`figure ${props.bad ? 'bad' : ''}`}>
      <dt>{props.name}</dt>
      <dd>
        {props.value === null ? (
          <Unknown />
        ) : (
          <>
            {props.bad && <SignIcon sign="failed" />}
            <span class="figure-value" title={String(props.value)}>
              {n(props.value)}
            </span>
            {props.unit && <span class="figure-unit">{props.unit}</span>}
          </>
        )}
        {props.note && <span class="figure-note">{props.note}</span>}
      </dd>
    </div>
  );
}

export function Next({ steps }: { steps: NextStep[] }) {
  return (
    <Panel class="next" title={t('next.title')}>
      {steps.length === 0 ? (
        <p class="empty">{t('next.empty')}</p>
      ) : (
        <ul class="steps">
          {steps.map((step, i) => (
            <li key={i}>
              <span lang="en">{step.text}</span>
              {step.command && <Command command={step.command} />}
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}

export function Versions({ versions }: { versions: Version[] }) {
  return (
    <Panel class="versions" title={t('versions.title')}>
      {versions.length === 0 ? (
        <p class="empty">{t('versions.empty')}</p>
      ) : (
        <>
          <Split versions={versions} />
          <Scroll title={t('versions.title')} stack>
            <table class="stack-table" role="table">
              <thead role="rowgroup">
                <tr role="row">
                  <th scope="col" role="columnheader">{t('versions.version')}</th>
                  <th scope="col" role="columnheader">{t('versions.state')}</th>
                  <th scope="col" role="columnheader">{t('versions.traffic')}</th>
                  <th scope="col" role="columnheader" class="number">
                    {t('versions.auc')}
                  </th>
                  <th scope="col" role="columnheader">{t('versions.why')}</th>
                  <th scope="col" role="columnheader">{t('versions.registered')}</th>
                </tr>
              </thead>
              <tbody role="rowgroup">
                {versions.map((v) => (
                  <VersionRow key={v.version} v={v} />
                ))}
              </tbody>
            </table>
          </Scroll>
        </>
      )}
    </Panel>
  );
}

function VersionRow({ v }: { v: Version }) {
  const lang = language.value;
  const from = [
    v.dataVersion ? t('versions.data', { version: v.dataVersion }) : null,
    v.run ? t('versions.run', { run: v.run.length > 12 ? `${v.run.slice(0, 8)}…` : v.run }) : null,
  ].filter(Boolean);
  return (
    <tr role="row">
      <th scope="row" role="rowheader">
        <span class="version">{v.version}</span>
        {from.length > 0 && (
          <small title={v.run ?? undefined}>
            {from.map((words) => (
              <span key={words} class="origin">
                {words}
              </span>
            ))}
          </small>
        )}
      </th>
      <td role="cell" class="row-state">
        <State sign={VERSION_SIGN[v.state]} word={versionWord(v.state)} />
      </td>
      <td role="cell" data-label={t('versions.traffic')}>
        {v.traffic === null ? (
          <Unknown />
        ) : (
          <span class="traffic">
            <span class={`track ${v.traffic === 0 ? 'none' : ''}`} aria-hidden="true">
              <Bar share={v.traffic} class={`fill of-${v.state}`} />
            </span>
            <span class="traffic-share">{formatShare(v.traffic, lang)}</span>
          </span>
        )}
      </td>
      <td role="cell" class="number" data-label={t('versions.auc')}>{v.aucRoc === null ? <Unknown /> : formatMetric(v.aucRoc, lang)}</td>
      <td role="cell">{v.reasons.length > 0 ? <Reasons reasons={v.reasons} /> : <span class="muted">{t('versions.first')}</span>}</td>
      <td role="cell" class="when">
        <Time at={v.registeredAt} short />
      </td>
    </tr>
  );
}

/** The whole traffic as one bar. */
function Split({ versions }: { versions: Version[] }) {
  const serving = versions.filter((v) => (v.traffic ?? 0) > 0);
  if (serving.length === 0) return null;
  const words = serving.map((v) => `${v.version} ${formatShare(v.traffic ?? 0, language.value)}`).join(', ');
  return (
    <div class="split" role="img" aria-label={t('versions.split', { split: words })}>
      {serving.map((v) => (
        <Bar key={v.version} share={v.traffic ?? 0} class={`split-part of-${v.state}`} />
      ))}
    </div>
  );
}

function Reasons({ reasons }: { reasons: string[] }) {
  return (
    <span class="reasons">
      {reasons.map((r) => (
        <span key={r} class="reason">
          {reasonWord(r)}
        </span>
      ))}
    </span>
  );
}

const FINDINGS_SHOWN = 6;

export function Findings({ overview }: { overview: Overview }) {
  const { findings } = overview;
  const watched = overview.stages.some((s) => s.id === 'monitor' && s.state !== 'waiting' && s.state !== 'unknown');
  const more = findings.length - FINDINGS_SHOWN;
  return (
    <Panel class="findings" title={t('findings.title')}>
      {findings.length === 0 ? (
        <p class="empty">{watched ? t('findings.empty') : t('findings.unwatched')}</p>
      ) : (
        <>
          <ul class="entries">
            {findings.slice(0, FINDINGS_SHOWN).map((f, i) => (
              <FindingEntry key={f.id || i} f={f} />
            ))}
          </ul>
          {more > 0 && <p class="muted more">{t('findings.more', { count: more })}</p>}
        </>
      )}
    </Panel>
  );
}

/** The message, which may begin with the subject that is shown before it already. */
function withoutSubject(message: string, subject: string | null): string {
  return subject !== null && message.startsWith(`${subject} `) ? message.slice(subject.length + 1) : message;
}

function FindingEntry({ f }: { f: Finding }) {
  return (
    <li class="entry">
      <div class="entry-head">
        <State sign={SEVERITY_SIGN[f.severity]} word={severityWord(f.severity)} />
        <span class="entry-kind">{kindWord(f.kind)}</span>
        <span class="when">
          <Time at={f.at} short />
        </span>
      </div>
      <p class="entry-body">
        {f.subject && <code>{f.subject}</code>}{' '}
        {f.message ? (
          <span lang="en">{withoutSubject(f.message, f.subject)}</span>
        ) : (
          f.value !== null &&
          f.threshold !== null && <span>{t('findings.measured', { value: f.value, threshold: f.threshold })}</span>
        )}
      </p>
    </li>
  );
}

export function Criteria({ criteria }: { criteria: Criterion[] }) {
  if (criteria.length === 0) {
    return (
      <Panel class="criteria" title={t('criteria.title')}>
        <p class="empty">{t('criteria.empty')}</p>
      </Panel>
    );
  }
  const counts = countCriteria(criteria);
  const order = [...new Set<string>([...CRITERION_GROUPS, ...criteria.map((c) => c.group)])];
  const groups = order.map((g) => ({ g, of: criteria.filter((c) => c.group === g) })).filter(({ of }) => of.length > 0);
  return (
    <Panel class="criteria" title={t('criteria.title')}>
      <ul class="counts">
        {CRITERION_STATES.filter((s) => counts[s] > 0).map((s) => (
          <li key={s}>
            <State sign={CRITERION_SIGN[s]} word={criteriaCount(s, counts[s])} />
          </li>
        ))}
      </ul>
      <Scroll title={t('criteria.title')} stack>
        <table class="stack-table" role="table">
          <thead role="rowgroup">
            <tr role="row">
              <th scope="col" role="columnheader">{t('criteria.name')}</th>
              <th scope="col" role="columnheader" class="number">
                {t('criteria.min')}
              </th>
              <th scope="col" role="columnheader" class="number">
                {t('criteria.target')}
              </th>
              <th scope="col" role="columnheader" class="number">
                {t('criteria.max')}
              </th>
              <th scope="col" role="columnheader" class="number">
                {t('criteria.actual')}
              </th>
              <th scope="col" role="columnheader">{t('criteria.state')}</th>
            </tr>
          </thead>
          {groups.map(({ g, of }) => (
            <tbody role="rowgroup" key={g}>
              <tr class="group" role="row">
                <th scope="rowgroup" role="rowheader" colSpan={6}>
                  {groupWord(g)}
                </th>
              </tr>
              {of.map((c) => (
                <CriterionRow key={c.name} c={c} />
              ))}
            </tbody>
          ))}
        </table>
      </Scroll>
    </Panel>
  );
}

function CriterionRow({ c }: { c: Criterion }) {
  return (
    <tr role="row">
      <th scope="row" role="rowheader">
        <code>{c.name}</code>
        {c.evidence && <small lang="en">{c.evidence}</small>}
      </th>
      <Limit name={t('criteria.min')} value={c.min} />
      <Limit name={t('criteria.target')} value={c.target} />
      <Limit name={t('criteria.max')} value={c.max} />
      <td role="cell" class="number" data-label={c.actual === null ? undefined : t('criteria.actual')}>
        {c.actual === null ? (
          <span class="muted">{t('criteria.unmeasured')}</span>
        ) : (
          <b>{formatScalar(c.actual, language.value)}</b>
        )}
      </td>
      <td role="cell" class="row-state">
        <State sign={CRITERION_SIGN[c.state]} word={criterionWord(c.state)} />
      </td>
    </tr>
  );
}

function Limit({ name, value }: { name: string; value: string | null }) {
  return (
    <td role="cell" class={`number ${value === null ? 'void' : ''}`} data-label={name}>
      {value === null ? <span class="hidden">{t('app.none')}</span> : formatScalar(value, language.value)}
    </td>
  );
}

export function Retrains({ retrains }: { retrains: Retrain[] }) {
  return (
    <Panel class="retrains" title={t('retrains.title')}>
      {retrains.length === 0 ? (
        <p class="empty">{t('retrains.empty')}</p>
      ) : (
        <ol class="entries">
          {retrains.map((r, i) => (
            <li key={i} class="entry">
              <div class="entry-head">
                <State
                  sign={r.promoted === null ? 'running' : r.promoted ? 'ok' : 'rejected'}
                  word={
                    r.promoted === null
                      ? t('retrains.pending')
                      : r.promoted
                        ? t('retrains.promoted')
                        : t('retrains.rejected')
                  }
                />
                <span class="entry-kind">
                  {r.promoted === false && r.to === null
                    ? t('retrains.stays', { from: r.from ?? t('app.unknown') })
                    : t('retrains.to', { from: r.from ?? t('app.unknown'), to: r.to ?? t('app.unknown') })}
                </span>
                <span class="when">
                  <Time at={r.at} short />
                </span>
              </div>
              {r.reasons.length > 0 && (
                <p class="entry-body">
                  <Reasons reasons={r.reasons} />
                </p>
              )}
            </li>
          ))}
        </ol>
      )}
    </Panel>
  );
}
