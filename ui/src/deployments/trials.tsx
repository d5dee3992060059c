import { formatDifference, formatNumber, formatShare } from '../format';
import { language, t } from '../i18n';
import { Bar, Panel, Scroll, Time, Unknown } from '../parts/bits';
import { State, type Sign } from '../parts/icons';
import type { Canary, Experiment, Shadow, VerdictArm } from './types';
import { resultWord } from './words';

const FINDING_SIGN: Record<string, Sign> = { ok: 'ok', abort: 'failed', unknown: 'unknown' };

/** The steps of a canary with the present one marked, and what each of its rules finds now. */
export function CanaryPanel({ canary }: { canary: Canary }) {
  const lang = language.value;
  const word = (state: string) => (state === 'ok' ? t('deploy.finding.ok') : state === 'abort' ? t('deploy.finding.abort') : t('deploy.finding.unknown'));
  return (
    <Panel title={t('deploy.canary', { version: canary.version })}>
      <ol class="trial-steps">
        {canary.steps.map((percent, at) => (
          <li key={percent} class={at < canary.step ? 'done' : at === canary.step ? 'here' : ''} aria-current={at === canary.step ? 'step' : undefined}>
            {formatShare(percent / 100, lang)}
          </li>
        ))}
      </ol>
      <p class="muted">
        {t('deploy.canary.next')} <Time at={canary.nextAt} />
      </p>
      {canary.findings.length > 0 && (
        <Scroll title={t('deploy.canary.rules')}>
          <table>
            <thead>
              <tr>
                <th scope="col">{t('deploy.canary.rule')}</th>
                <th scope="col">{t('deploy.canary.now')}</th>
                <th scope="col">{t('deploy.canary.found')}</th>
              </tr>
            </thead>
            <tbody>
              {canary.findings.map((finding) => (
                <tr key={finding.rule}>
                  <th scope="row">
                    <code>{finding.rule}</code>
                  </th>
                  <td>
                    <State sign={FINDING_SIGN[finding.state] ?? 'unknown'} word={word(finding.state)} />
                  </td>
                  <td class="why">{finding.found}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
      )}
    </Panel>
  );
}

const EDGES = ['0.001', '0.01', '0.02', '0.05', '0.1', '0.2', '0.5'];

/** How the shadow's answers differ from those that clients got. */
export function ShadowPanel({ shadow }: { shadow: Shadow }) {
  const lang = language.value;
  const figure = (value: number | null) => (value === null ? <Unknown /> : formatNumber(value, lang));
  const most = Math.max(1, ...shadow.histogram);
  return (
    <Panel title={t('deploy.shadow', { version: shadow.version, champion: shadow.champion })}>
      {shadow.rows === 0 ? (
        <p class="sentence">{t('deploy.shadow.none')}</p>
      ) : (
        <>
          <dl class="figures">
            <div>
              <dt>{t('deploy.shadow.different')}</dt>
              <dd>{shadow.different === null ? <Unknown /> : formatShare(shadow.different, lang)}</dd>
            </div>
            <div>
              <dt>{t('deploy.shadow.mean')}</dt>
              <dd>{figure(shadow.mean)}</dd>
            </div>
            <div>
              <dt>{t('deploy.shadow.max')}</dt>
              <dd>{figure(shadow.max)}</dd>
            </div>
            <div>
              <dt>{t('deploy.shadow.correlation')}</dt>
              <dd>{figure(shadow.correlation)}</dd>
            </div>
            <div>
              <dt>{t('deploy.shadow.rows')}</dt>
              <dd>{formatNumber(shadow.rows, lang)}</dd>
            </div>
            {shadow.known > 0 && (
              <div>
                <dt>{t('deploy.shadow.loss', { known: shadow.known })}</dt>
                <dd>
                  {figure(shadow.servedLoss)} → {figure(shadow.shadowLoss)}
                </dd>
              </div>
            )}
          </dl>
          <div class="shadow-parts">
            <Scroll title={t('deploy.shadow.histogram')}>
              <table class="histogram">
                <caption>{t('deploy.shadow.histogram')}</caption>
                <tbody>
                  {shadow.histogram.map((rows, at) => (
                    <tr key={at}>
                      <th scope="row" class="number">
                        {at < EDGES.length ? `< ${EDGES[at]}` : `≥ ${EDGES[EDGES.length - 1]}`}
                      </th>
                      <td class="amount">
                        <Bar share={rows / most} class="bar" />
                      </td>
                      <td class="number">{formatNumber(rows, lang)}</td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </Scroll>
            {shadow.slices.length > 0 && (
              <Scroll title={t('deploy.shadow.slices')}>
                <table class="histogram">
                  <caption>{t('deploy.shadow.slices')}</caption>
                  <tbody>
                    {shadow.slices.map((slice) => (
                      <tr key={`${slice.column} ${slice.value}`}>
                        <th scope="row">
                          {slice.column} {slice.value}
                        </th>
                        <td class="amount">
                          <Bar share={slice.different} class="bar" />
                        </td>
                        <td class="number">{formatShare(slice.different, lang)}</td>
                        <td class="number muted">{formatNumber(slice.rows, lang)}</td>
                      </tr>
                    ))}
                  </tbody>
                </table>
              </Scroll>
            )}
          </div>
        </>
      )}
    </Panel>
  );
}

/** How far an A/B test has come; who is ahead is not told before its end. */
export function ExperimentPanel({ test }: { test: Experiment }) {
  const lang = language.value;
  return (
    <Panel title={t('deploy.test', { name: test.name })}>
      <p class="sentence">
        {t('deploy.test.days', { days: Math.round(test.daysPassed * 10) / 10, wanted: test.daysWanted, metric: test.primary })}
      </p>
      <Track share={test.daysWanted === 0 ? 1 : test.daysPassed / test.daysWanted} word={t('deploy.test.time')} />
      <Scroll title={t('deploy.test', { name: test.name })}>
        <table class="histogram">
          <thead>
            <tr>
              <th scope="col">{t('deploy.test.variant')}</th>
              <th scope="col">{t('deploy.version')}</th>
              <th scope="col" class="number">
                {t('deploy.share')}
              </th>
              <th scope="col">{t('deploy.test.known')}</th>
              <th scope="col" class="number">
                {t('deploy.test.of')}
              </th>
              <th scope="col" class="number">
                {t('deploy.test.units')}
              </th>
            </tr>
          </thead>
          <tbody>
            {test.arms.map((arm) => (
              <tr key={arm.name}>
                <th scope="row">{arm.name}</th>
                <td>{arm.version}</td>
                <td class="number">{formatShare(arm.percent / 100, lang)}</td>
                <td class="amount">
                  <Bar share={Math.min(1, arm.known / Math.max(1, test.minSampleSize))} class="bar" />
                </td>
                <td class="number">
                  {formatNumber(arm.known, lang)} / {formatNumber(test.minSampleSize, lang)}
                </td>
                <td class="number">{formatNumber(arm.units, lang)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
      {test.sampleRatio !== null && (
        <p>
          <State
            sign={test.sampleRatio < 0.001 ? 'failed' : 'ok'}
            word={test.sampleRatio < 0.001 ? t('deploy.test.uneven', { p: test.sampleRatio.toPrecision(2) }) : t('deploy.test.even')}
          />
        </p>
      )}
      {test.missing.length > 0 && (
        <>
          <p class="muted">{t('deploy.test.missing')}</p>
          <ul class="missing-list">
            {test.missing.map((each) => (
              <li key={each}>{each}</li>
            ))}
          </ul>
        </>
      )}
      {test.verdict?.problem && <p class="note">{test.verdict.problem}</p>}
      {test.verdict && !test.verdict.problem && <Effects arms={test.verdict.arms} />}
    </Panel>
  );
}

function Track({ share, word }: { share: number; word: string }) {
  const held = Math.min(1, Math.max(0, share));
  return (
    <div class="progress" role="progressbar" aria-label={word} aria-valuenow={Math.round(held * 100)} aria-valuemin={0} aria-valuemax={100}>
      <Bar share={held} class="bar" />
    </div>
  );
}

const RESULT_SIGN: Record<string, Sign> = { BETTER: 'ok', WORSE: 'failed', NO_DIFFERENCE: 'waiting', NONE: 'unknown' };

/** The effects with their intervals, all on one axis around no difference. */
function Effects({ arms }: { arms: VerdictArm[] }) {
  const lang = language.value;
  const treated = arms.filter((arm) => arm.effect !== null);
  const reach = Math.max(1e-9, ...treated.map((arm) => (arm.effect ? Math.max(Math.abs(arm.effect.low), Math.abs(arm.effect.high)) : 0)));
  const x = (value: number) => 50 + (46 * value) / reach;
  return (
    <ul class="effects">
      {treated.map((arm) => (
        <li key={arm.name}>
          <b>{arm.name}</b> <State sign={RESULT_SIGN[arm.result] ?? 'unknown'} word={resultWord(arm.result)} />
          {arm.effect && (
            <>
              <svg viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">
                <line class="zero" x1="50" x2="50" y1="0" y2="10" />
                <line class="span" x1={x(arm.effect.low)} x2={x(arm.effect.high)} y1="5" y2="5" />
                <line class="point" x1={x(arm.effect.estimate)} x2={x(arm.effect.estimate)} y1="1.5" y2="8.5" />
              </svg>
              <span class="interval">
                {formatDifference(arm.effect.estimate, lang)} [{formatDifference(arm.effect.low, lang)}, {formatDifference(arm.effect.high, lang)}]
              </span>
            </>
          )}
          {arm.broken.map((each) => (
            <span key={each} class="has-failed">
              {each}
            </span>
          ))}
        </li>
      ))}
    </ul>
  );
}
