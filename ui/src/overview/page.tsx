import { formatDay, formatDifference, formatMetric } from '../format';
import { language, t } from '../i18n';
import { Command } from '../parts/bits';
import { Trouble } from '../parts/trouble';
import { link, overview } from '../state';
import { Auc } from './auc';
import { champion, lastKnownDay } from './derive';
import { Loop } from './loop';
import { Criteria, Findings, LiveNumbers, Next, Retrains, Versions } from './panels';
import { Tracked } from './tracked';
import type { Overview } from './types';

export default function Page() {
  const now = overview.value;
  return (
    <>
      <Trouble known={now !== null} />
      {now === null ? <Waiting /> : now.project === null ? <NoProject overview={now} /> : <Project overview={now} />}
    </>
  );
}

function Project({ overview: now }: { overview: Overview }) {
  return (
    <>
      <div class="hero">
        <div class="hero-loop">
          <Headline overview={now} />
          <Loop overview={now} />
        </div>
        <div class="hero-side">
          <LiveNumbers live={now.live} />
          <Next steps={now.next} />
        </div>
      </div>
      <Auc performance={now.performance} />
      <div class="pair wide-left">
        <Versions versions={now.versions} />
        <Retrains retrains={now.retrains} />
      </div>
      <div class="pair wide-left">
        <Criteria criteria={now.criteria} />
        <Findings overview={now} />
      </div>
    </>
  );
}

function Headline({ overview: now }: { overview: Overview }) {
  const version = champion(now)?.version;
  const canary = now.versions.find((v) => v.state === 'canary')?.version;
  const endpoint = now.endpoint ?? t('app.unknown');
  const title = !version
    ? t('headline.nothing')
    : canary
      ? t('headline.canary', { version, endpoint, canary })
      : t('headline.serving', { version, endpoint });
  return (
    <header class="headline">
      <h1>{title}</h1>
      <p>{version ? quality(now) : t('headline.nothing.text')}</p>
    </header>
  );
}

function quality(now: Overview): string {
  const last = lastKnownDay(now.performance);
  const lang = language.value;
  if (!last) return t('headline.auc.none');
  const params = { served: formatMetric(last.served, lang), day: formatDay(last.day, lang) };
  const first = now.performance?.firstVersion;
  return last.first === null || !first || first === champion(now)?.version
    ? t('headline.auc', params)
    : t('headline.auc.compared', { ...params, first, difference: formatDifference(last.served - last.first, lang) });
}

function NoProject({ overview: now }: { overview: Overview }) {
  return (
    <>
      <div class="hero">
        <div class="hero-loop">
          <header class="headline">
            <h1>{t('empty.title')}</h1>
            <p>{t('empty.text')}</p>
          </header>
          <Loop overview={{ ...now, stages: now.stages.map((s) => ({ ...s, state: 'waiting' })) }} />
        </div>
        <div class="hero-side">
          <section class="panel next" aria-labelledby="next-title">
            <header class="panel-head">
              <h2 id="next-title">{t('next.title')}</h2>
            </header>
            <ul class="steps">
              <li>
                {t('empty.demo')}
                <Command command="./orrery demo" />
              </li>
              <li>
                {t('empty.init')}
                <Command command="orrery init" />
              </li>
              <li>
                {t('empty.run')}
                <Command command="orrery run" />
              </li>
            </ul>
          </section>
        </div>
      </div>
      <Tracked />
    </>
  );
}

function Waiting() {
  if (link.value.status !== 'connecting') return null;
  return <p class="waiting">{t('link.connecting')}</p>;
}
