import { useEffect, useState } from 'preact/hooks';
import { formatNumber } from '../format';
import { language, t } from '../i18n';
import { list, measure, object, text } from '../json';
import { Panel } from '../parts/bits';
import { Refused } from '../parts/refused';
import { server } from '../server';
import { read, written } from './field';

interface Answer {
  score: number | null;
  prediction: string;
  version: string;
  fallback: string | null;
  millis: number;
}

/** Asks the endpoint about one row, as a client would; the answer is logged like any other. */
export function Try({ endpoint }: { endpoint: string }) {
  const [row, setRow] = useState<Record<string, string>>({});
  const [texts, setTexts] = useState<ReadonlySet<string>>(new Set());
  const [answer, setAnswer] = useState<Answer | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const path = `/endpoints/${encodeURIComponent(endpoint)}`;
  useEffect(() => {
    const stop = new AbortController();
    server(`/api/v1${path}/sample?rows=20`, { signal: stop.signal }).then(
      (json) => {
        const rows = list(object(json)['rows'], (o) => o);
        const [first] = rows;
        if (!first) return;
        setTexts(new Set(Object.keys(first).filter((key) => rows.some((one) => typeof one[key] === 'string'))));
        setRow(Object.fromEntries(Object.entries(first).map(([key, value]) => [key, written(value)])));
      },
      () => undefined,
    );
    return () => stop.abort();
  }, [endpoint]);
  const submit = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    const started = performance.now();
    const values = Object.fromEntries(Object.entries(row).map(([key, value]) => [key, read(value, texts.has(key))]));
    try {
      const json = object(await server(`${path}/predict`, { body: { rows: [values] } }));
      setAnswer({
        score: measure(Array.isArray(json['score']) ? json['score'][0] : null),
        prediction: String(Array.isArray(json['prediction']) ? json['prediction'][0] : ''),
        version: text(json['version']) ?? '',
        fallback: text(json['fallback']),
        millis: performance.now() - started,
      });
      setError(null);
    } catch (failed) {
      setError(failed);
      setAnswer(null);
    }
    setBusy(false);
  };
  const lang = language.value;
  return (
    <Panel title={t('deploy.try')}>
      {Object.keys(row).length === 0 ? (
        <p class="sentence">{t('deploy.try.none')}</p>
      ) : (
        <form class="try" onSubmit={(event) => void submit(event)}>
          {Object.entries(row).map(([key, value]) => (
            <label key={key}>
              <span>{key}</span>
              <input class="input" inputMode={texts.has(key) ? 'text' : 'decimal'} value={value} onInput={(event) => setRow({ ...row, [key]: event.currentTarget.value })} />
            </label>
          ))}
          <button type="submit" class="quiet strong" disabled={busy}>
            {t('deploy.try.do')}
          </button>
        </form>
      )}
      {error !== null && <Refused error={error} />}
      {answer && (
        <p class="answer" role="status">
          <b>{answer.prediction}</b> · {t('deploy.try.score')} {answer.score === null ? '–' : formatNumber(answer.score, lang)} ·{' '}
          {answer.fallback ? t('deploy.try.fallback') : answer.version} · {formatNumber(Math.round(answer.millis * 10) / 10, lang)} ms
        </p>
      )}
    </Panel>
  );
}
