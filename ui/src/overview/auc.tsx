import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { Plot } from '../chart/plot';
import { LANES, summarize, toDays, type Day, type Lane } from '../chart/prepare';
import { formatDay, formatDifference, formatLimit, formatMetric } from '../format';
import { language, t } from '../i18n';
import { MarkIcon } from '../parts/icons';
import { Panel, Scroll, Unknown } from '../parts/bits';
import { dark, n } from '../state';
import { MARK_KINDS, type Mark, type Performance } from './types';
import { laneWord, markWord } from './words';

export function Auc({ performance }: { performance: Performance | null }) {
  const [asTable, setAsTable] = useState(false);
  const days = useMemo(() => (performance ? toDays(performance) : []), [performance]);
  const known = days.some((d) => d.served !== null || d.first !== null);
  return (
    <Panel
      class="auc"
      title={t('auc.title')}
      aside={
        known && (
          <button type="button" class="quiet" onClick={() => setAsTable(!asTable)}>
            {asTable ? t('auc.chart') : t('auc.table')}
          </button>
        )
      }
    >
      {performance && known ? (
        <>
          <Sentence performance={performance} days={days} />
          {asTable ? (
            <Table days={days} first={firstName(performance)} />
          ) : (
            <Chart performance={performance} days={days} />
          )}
        </>
      ) : (
        <p class="empty">{t('auc.empty')}</p>
      )}
    </Panel>
  );
}

function firstName(performance: Performance): string {
  return performance.firstVersion ? t('auc.first', { version: performance.firstVersion }) : t('auc.first.plain');
}

function Sentence({ performance, days }: { performance: Performance; days: Day[] }) {
  const { threshold } = performance;
  const s = summarize(days, threshold);
  if (s.served === null) return null;
  const lang = language.value;
  const params = { known: s.known, served: formatMetric(s.served, lang) };
  const first =
    s.first === null || s.first === s.served
      ? t('auc.summary', params)
      : t('auc.summary.compared', {
          ...params,
          first: performance.firstVersion ?? t('app.unknown'),
          firstAuc: formatMetric(s.first, lang),
          difference: formatDifference(s.served - s.first, lang),
        });
  const limits =
    threshold !== null && s.lowest
      ? t(s.below > 0 ? 'auc.summary.below' : 'auc.summary.above', {
          below: s.below,
          threshold: formatLimit(threshold, lang),
          lowest: formatMetric(s.lowest.value, lang),
          day: formatDay(s.lowest.day, lang),
        })
      : '';
  return (
    <p class="sentence">
      {first} {limits}
    </p>
  );
}

function Chart({ performance, days }: { performance: Performance; days: Day[] }) {
  const host = useRef<HTMLDivElement>(null);
  const drawn = useRef<Plot | null>(null);
  const latest = useRef({ days, performance });
  latest.current = { days, performance };
  const [at, setAt] = useState<number | null>(null);
  const [ready, setReady] = useState(false);
  const lang = language.value;
  const night = dark.value;

  useEffect(() => {
    let gone = false;
    void import('../chart/plot').then(({ plot }) => {
      if (gone || !host.current) return;
      drawn.current = plot(host.current, latest.current.days, {
        lang,
        threshold: latest.current.performance.threshold,
        lanes: Object.fromEntries(LANES.map((lane) => [lane, laneWord(lane)])) as Record<Lane, string>,
        onDay: setAt,
      });
      setReady(true);
    });
    return () => {
      gone = true;
      drawn.current?.destroy();
      drawn.current = null;
    };
    // Colours and words are baked into the drawing, hence a new one for another theme or language.
  }, [lang, night]);

  useEffect(() => drawn.current?.update(days, performance.threshold), [days, performance]);

  return (
    <figure class="chart">
      <Legend performance={performance} days={days} at={at} />
      <div class="chart-host" ref={host} role="img" aria-label={t('auc.figure')}>
        {!ready && <span class="chart-wait">{t('auc.loading')}</span>}
      </div>
      <MarkLegend marks={performance.marks} />
    </figure>
  );
}

/** Names the lines and reads them at the pointer, or at the last known day. */
function Legend({ performance, days, at }: { performance: Performance; days: Day[]; at: number | null }) {
  const day = (at === null ? undefined : days[at]) ?? days.findLast((d) => d.served !== null) ?? days.at(-1);
  if (!day) return null;
  const lang = language.value;
  return (
    <figcaption class="legend">
      <span class="legend-day">{formatDay(day.day, lang)}</span>
      <span class="legend-item">
        <span class="swatch served" />
        {t('auc.served')} <b>{metric(day.served)}</b>
      </span>
      <span class="legend-item">
        <span class="swatch first" />
        {firstName(performance)} <b>{metric(day.first)}</b>
      </span>
      {day.served !== null && day.first !== null && (
        <span class="legend-item">
          {t('auc.difference')} <b>{formatDifference(day.served - day.first, lang)}</b>
        </span>
      )}
      {performance.threshold !== null && (
        <span class="legend-item">
          <span class="swatch threshold" />
          {t('auc.threshold')} <b>{formatLimit(performance.threshold, lang)}</b>
        </span>
      )}
    </figcaption>
  );
}

function MarkLegend({ marks }: { marks: Mark[] }) {
  const kinds = MARK_KINDS.filter((kind) => marks.some((m) => m.kind === kind));
  if (kinds.length === 0) return null;
  return (
    <ul class="mark-legend">
      {kinds.map((kind) => (
        <li key={kind}>
          <MarkIcon kind={kind} />
          {markWord(kind)} <b>{n(marks.filter((m) => m.kind === kind).length)}</b>
        </li>
      ))}
    </ul>
  );
}

function Table({ days, first }: { days: Day[]; first: string }) {
  const lang = language.value;
  return (
    <Scroll title={t('auc.title')}>
      <table class="days">
        <thead>
          <tr>
            <th scope="col">{t('auc.day')}</th>
            <th scope="col" class="number">
              {t('auc.served')}
            </th>
            <th scope="col" class="number">
              {first}
            </th>
            <th scope="col" class="number">
              {t('auc.difference')}
            </th>
            <th scope="col">{t('auc.marks')}</th>
          </tr>
        </thead>
        <tbody>
          {days.toReversed().map((d) => (
            <tr key={d.day}>
              <th scope="row">
                <time dateTime={d.day}>{formatDay(d.day, lang)}</time>
              </th>
              <td class="number">{metric(d.served)}</td>
              <td class="number">{metric(d.first)}</td>
              <td class="number">
                {d.served !== null && d.first !== null ? formatDifference(d.served - d.first, lang) : <Unknown />}
              </td>
              <td>
                {d.marks.map((m, i) => (
                  <span key={i} class="mark-word">
                    <MarkIcon kind={m.kind} />
                    {markWord(m.kind)}
                    {m.version ? ` ${m.version}` : ''}
                  </span>
                ))}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}

function metric(value: number | null) {
  return value === null ? <Unknown /> : formatMetric(value, language.value);
}
