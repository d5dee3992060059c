import { useEffect, useId, useMemo, useRef, useState } from 'preact/hooks';
import { learn, otherLanguage, t } from '../i18n';
import en from '../i18n/shell.en.json';
import ko from '../i18n/shell.ko.json';
import { list, name as nameOrNumber, object, text } from '../json';
import { UiIcon } from '../parts/icons';
import { go, modelPath, runPath } from '../router';
import { isAborted, server } from '../server';
import { chooseLanguage, chooseTheme, dark, overlay } from '../state';

learn(en, ko);

interface Hit {
  id: string;
  kind: 'action' | 'run' | 'experiment' | 'model' | 'logged' | 'artifact';
  name: string;
  where: string | null;
  snippet: string | null;
  act(): void;
}

const WAIT_MS = 120;

/** Goes to anything by its name: pages, runs, experiments, models, artifacts; and the few things that can be done. */
export default function Palette() {
  const [words, setWords] = useState('');
  const [hits, setHits] = useState<Hit[]>([]);
  const [failed, setFailed] = useState(false);
  const [at, setAt] = useState(0);
  const dialog = useRef<HTMLDialogElement>(null);
  const shown = useRef<HTMLUListElement>(null);
  const id = useId();
  const close = () => (overlay.value = null);

  useEffect(() => {
    const element = dialog.current;
    element?.showModal();
    return () => element?.close();
  }, []);

  useEffect(() => {
    setAt(0);
    const wanted = words.trim();
    if (wanted === '') {
      setHits([]);
      return;
    }
    const stop = new AbortController();
    const timer = setTimeout(() => {
      server(`/api/v1/search?q=${encodeURIComponent(wanted)}&limit=20`, { signal: stop.signal }).then(
        (json) => {
          setHits(list(object(json)['hits'], readHit));
          setFailed(false);
        },
        (error: unknown) => {
          if (!isAborted(error)) setFailed(true);
        },
      );
    }, WAIT_MS);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [words]);

  const low = words.trim().toLowerCase();
  const doable = useMemo(() => actions(), [otherLanguage.value, dark.value]).filter((a) => low === '' || a.name.toLowerCase().includes(low));
  const all = [...doable, ...hits];
  const choose = (hit: Hit | undefined) => {
    if (!hit) return;
    close();
    hit.act();
  };
  const move = (by: number) => {
    const next = all.length === 0 ? 0 : (at + by + all.length) % all.length;
    setAt(next);
    shown.current?.children[next]?.scrollIntoView({ block: 'nearest' });
  };

  return (
    <dialog
      ref={dialog}
      class="dialog palette"
      aria-label={t('app.search.label')}
      onCancel={(event) => {
        event.preventDefault();
        close();
      }}
      onMouseDown={(event) => {
        if (event.target === dialog.current) close();
      }}
    >
      <div class="dialog-plate">
        <div class="palette-box">
          <UiIcon name="search" />
          <input
            type="text"
            autofocus
            role="combobox"
            aria-expanded="true"
            aria-controls={`${id}-list`}
            aria-activedescendant={all.length > 0 ? `${id}-${at}` : undefined}
            aria-label={t('app.search.label')}
            placeholder={t('palette.hint')}
            autocomplete="off"
            spellcheck={false}
            value={words}
            onInput={(event) => setWords(event.currentTarget.value)}
            onKeyDown={(event) => {
              if (event.isComposing) return;
              if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
                event.preventDefault();
                move(event.key === 'ArrowDown' ? 1 : -1);
              } else if (event.key === 'Enter') {
                event.preventDefault();
                choose(all[at]);
              }
            }}
          />
        </div>
        <ul ref={shown} class="palette-list" role="listbox" id={`${id}-list`} aria-label={t('palette.found')}>
          {all.map((hit, i) => (
            <li
              key={`${hit.kind} ${hit.id}`}
              id={`${id}-${i}`}
              role="option"
              aria-selected={i === at}
              class={i === at ? 'chosen' : ''}
              onMouseMove={() => setAt(i)}
              onClick={() => choose(hit)}
            >
              <span class="palette-kind">{kindWord(hit.kind)}</span>
              <span class="palette-name">
                {hit.name}
                {hit.where && <span class="muted"> {hit.where}</span>}
              </span>
              {hit.snippet && <span class="palette-snippet muted">{hit.snippet}</span>}
            </li>
          ))}
        </ul>
        {low !== '' && all.length === 0 && <p class="empty palette-none">{failed ? t('link.lost.title') : t('palette.none')}</p>}
      </div>
    </dialog>
  );
}

function kindWord(kind: Hit['kind']): string {
  switch (kind) {
    case 'action':
      return t('palette.action');
    case 'run':
      return t('palette.run');
    case 'experiment':
      return t('palette.experiment');
    case 'model':
      return t('palette.model');
    case 'logged':
      return t('palette.logged');
    case 'artifact':
      return t('palette.artifact');
  }
}

/** A logged model has no page of its own; it is shown by the run that made it. */
const LOGGED = /^m-[0-9a-f]{16,}$/;

async function toRunOf(id: string): Promise<void> {
  try {
    const answer = object(await server(`/api/2.0/mlflow/logged-models/${id}`));
    const run = text(object(object(answer['model'])['info'])['source_run_id']);
    if (run) go(runPath(run));
  } catch {
    // It was deleted in between; the reader stays where he is.
  }
}

function readHit(o: Record<string, unknown>): Hit | null {
  const id = nameOrNumber(o['id']);
  const told = (['run', 'experiment', 'model', 'artifact'] as const).find((k) => k === o['kind']);
  if (!id || !told) return null;
  const kind = told === 'model' && LOGGED.test(id) ? 'logged' : told;
  const name = text(o['name']) ?? id;
  const where = text(o['where']);
  if (kind === 'logged') return { id, kind, name, where, snippet: null, act: () => void toRunOf(id) };
  const target =
    kind === 'run'
      ? runPath(id)
      : kind === 'experiment'
        ? `/runs?experiment=${encodeURIComponent(id)}`
        : kind === 'model'
          ? modelPath(text(o['name']) ?? id)
          : runPath((id.split('/')[0] === 'run' ? id.split('/')[1] : id.split('/')[0]) ?? id);
  return { id, kind, name, where, snippet: text(o['snippet']), act: () => go(target) };
}

function actions(): Hit[] {
  const action = (id: string, name: string, act: () => void): Hit => ({ id, kind: 'action', name, where: null, snippet: null, act });
  return [
    action('overview', t('app.overview'), () => go('/')),
    action('runs', t('app.runs'), () => go('/runs')),
    action('models', t('app.models'), () => go('/models')),
    action('deployments', t('app.deployments'), () => go('/deployments')),
    action('theme', dark.value ? t('palette.light') : t('palette.dark'), () => chooseTheme(dark.value ? 'light' : 'dark')),
    action('language', t('app.language'), () => chooseLanguage(otherLanguage.value)),
    action('help', t('help.title'), () => (overlay.value = 'help')),
  ];
}
