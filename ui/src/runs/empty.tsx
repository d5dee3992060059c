import { useState } from 'preact/hooks';
import { t } from '../i18n';
import { Snippet } from '../parts/snippet';
import { ask } from '../router';
import { query, view } from './state';

/** What to do when there is no run: log one. */
export function Empty() {
  const [shown, setShown] = useState<'python' | 'java' | 'curl'>('python');
  if (query.value || view.value === 'deleted') {
    return (
      <div class="grid-empty">
        <h2>{query.value ? t('runs.none.title') : t('runs.none.archived')}</h2>
        <button type="button" class="quiet" onClick={() => ask({ q: null, view: null })}>
          {t('runs.none.all')}
        </button>
      </div>
    );
  }
  const tabs = [
    ['python', 'Python'],
    ['java', 'Java'],
    ['curl', 'curl'],
  ] as const;
  return (
    <div class="grid-empty">
      <h2>{t('runs.empty.title')}</h2>
      <p class="sentence">{t('runs.empty.text')}</p>
      <div class="tabs" role="tablist" aria-label={t('runs.empty.languages')}>
        {tabs.map(([key, word]) => (
          <button
            key={key}
            type="button"
            role="tab"
            id={`tab-${key}`}
            aria-selected={shown === key}
            aria-controls="snippet"
            tabIndex={shown === key ? 0 : -1}
            onClick={() => setShown(key)}
            onKeyDown={(event) => {
              if (event.key !== 'ArrowRight' && event.key !== 'ArrowLeft') return;
              const i = tabs.findIndex(([k]) => k === shown);
              const next = tabs[(i + (event.key === 'ArrowRight' ? 1 : 2)) % 3];
              if (!next) return;
              setShown(next[0]);
              document.getElementById(`tab-${next[0]}`)?.focus();
            }}
          >
            {word}
          </button>
        ))}
      </div>
      <div role="tabpanel" id="snippet" aria-labelledby={`tab-${shown}`}>
        <Snippet text={snippetOf(shown, location.origin)} />
      </div>
    </div>
  );
}

export function snippetOf(language: 'python' | 'java' | 'curl', origin: string): string {
  switch (language) {
    case 'python':
      return `# pip install mlflow
import mlflow

mlflow.set_tracking_uri("${origin}")
mlflow.set_experiment("first")
with mlflow.start_run(run_name="hello"):
    mlflow.log_param("learning_rate", 0.1)
    for step in range(100):
        mlflow.log_metric("loss", 1 / (step + 1), step=step)`;
    case 'java':
      return `// org.mlflow:mlflow-client
var client = new MlflowClient("${origin}");
String experiment = client.createExperiment("first");
String run = client.createRun(experiment).getRunId();
client.logParam(run, "learning_rate", "0.1");
for (int step = 0; step < 100; step++) {
  client.logMetric(run, "loss", 1.0 / (step + 1), System.currentTimeMillis(), step);
}
client.setTerminated(run);`;
    case 'curl':
      return `run=$(curl -s ${origin}/api/2.0/mlflow/runs/create \\
  -H 'Content-Type: application/json' \\
  -d '{"experiment_id": "0", "run_name": "hello"}' | jq -r .run.info.run_id)
curl ${origin}/api/2.0/mlflow/runs/log-metric \\
  -H 'Content-Type: application/json' \\
  -d "{\\"run_id\\": \\"$run\\", \\"key\\": \\"loss\\", \\"value\\": 0.25, \\"step\\": 1, \\"timestamp\\": $(date +%s000)}"`;
  }
}
