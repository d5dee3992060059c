import { useEffect, useId, useState } from 'preact/hooks';
import { formatBytes } from '../format';
import { language, t } from '../i18n';
import { Panel, Scroll } from '../parts/bits';
import { UiIcon } from '../parts/icons';
import { isAborted, Refusal, refusalOf, server } from '../server';
import { csvRows, drawingUrl, previewOf, readFiles, type ArtifactFile } from './types';

const ROWS_MAX = 200;
const TEXT_MAX = 200_000;

function encoded(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/');
}

/** Files that a run or a model left, below `base`: a tree, and a look at one that cannot do harm: texts as texts, images as images. */
export function Artifacts({ title, base, aside }: { title: string; base: string; aside: string | null }) {
  const [folders, setFolders] = useState<ReadonlyMap<string, ArtifactFile[]>>(new Map());
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());
  const [chosen, setChosen] = useState<ArtifactFile | null>(null);
  const [active, setActive] = useState<string | null>(null);
  const [error, setError] = useState<unknown>(null);
  const mark = useId();

  const load = (path: string) => {
    server(`${base}${path ? `?path=${encodeURIComponent(path)}` : ''}`).then(
      (json) => setFolders((before) => new Map(before).set(path, readFiles(json))),
      (failed: unknown) => setError(failed),
    );
  };
  useEffect(() => load(''), [base]);

  const rows: { file: ArtifactFile; depth: number }[] = [];
  const add = (path: string, depth: number) => {
    for (const file of folders.get(path) ?? []) {
      rows.push({ file, depth });
      if (file.isFolder && open.has(file.path)) add(file.path, depth + 1);
    }
  };
  add('', 1);
  const toggle = (file: ArtifactFile, on = !open.has(file.path)) => {
    const next = new Set(open);
    if (on) next.add(file.path);
    else next.delete(file.path);
    setOpen(next);
    if (on && !folders.has(file.path)) load(file.path);
  };
  const choose = (file: ArtifactFile) => {
    setActive(file.path);
    if (file.isFolder) toggle(file);
    else setChosen(file);
  };
  const at = Math.max(0, rows.findIndex((r) => r.file.path === active));
  const onKeyDown = (event: KeyboardEvent) => {
    const now = rows[at]?.file;
    if (!now) return;
    const go = (index: number) => {
      const next = rows[Math.min(rows.length - 1, Math.max(0, index))]?.file;
      if (!next) return;
      setActive(next.path);
      document.getElementById(`${mark}${next.path}`)?.focus();
    };
    const act: Record<string, () => void> = {
      ArrowDown: () => go(at + 1),
      ArrowUp: () => go(at - 1),
      Home: () => go(0),
      End: () => go(rows.length - 1),
      ArrowRight: () => (now.isFolder && !open.has(now.path) ? toggle(now, true) : go(at + 1)),
      ArrowLeft: () =>
        now.isFolder && open.has(now.path)
          ? toggle(now, false)
          : go(rows.findIndex((r) => r.file.path === now.path.slice(0, Math.max(0, now.path.lastIndexOf('/'))))),
      Enter: () => choose(now),
      ' ': () => choose(now),
    };
    const handler = act[event.key];
    if (!handler) return;
    event.preventDefault();
    handler();
  };
  const loaded = folders.has('');
  return (
    <Panel class="artifacts" title={title} aside={aside !== null && <span class="muted">{aside}</span>}>
      {error !== null && !loaded ? (
        <p class="empty">{error instanceof Refusal && error.status === 404 ? t('run.artifacts.none') : error instanceof Refusal ? error.what : t('link.lost.title')}</p>
      ) : loaded && rows.length === 0 ? (
        <p class="empty">{t('run.artifacts.none')}</p>
      ) : (
        <div class="files">
          <ul class="tree" role="tree" aria-label={title} onKeyDown={onKeyDown}>
            {rows.map(({ file, depth }, i) => (
              <li
                key={file.path}
                id={`${mark}${file.path}`}
                role="treeitem"
                aria-level={depth}
                aria-expanded={file.isFolder ? open.has(file.path) : undefined}
                aria-selected={chosen?.path === file.path}
                tabIndex={i === at ? 0 : -1}
                class={chosen?.path === file.path ? 'chosen' : ''}
                style={{ paddingInlineStart: `${0.4 + (depth - 1) * 1.1}rem` }}
                onClick={() => choose(file)}
              >
                <UiIcon name={file.isFolder ? (open.has(file.path) ? 'down' : 'right') : 'file'} />
                <span class="file-name">{file.name}</span>
                {file.size !== null && !file.isFolder && <span class="muted file-size">{formatBytes(file.size, language.value)}</span>}
              </li>
            ))}
          </ul>
          <div class="preview">{chosen ? <Look key={chosen.path} file={chosen} base={base} /> : <p class="empty">{t('run.preview.choose')}</p>}</div>
        </div>
      )}
    </Panel>
  );
}

function Look({ file, base }: { file: ArtifactFile; base: string }) {
  const kind = previewOf(file.path);
  const [text, setText] = useState<string | null>(null);
  const [error, setError] = useState<unknown>(null);
  const source = `${base}/preview/${encoded(file.path)}`;
  useEffect(() => {
    if (kind === 'none' || kind === 'image') return;
    const stop = new AbortController();
    fetch(source, { signal: stop.signal })
      .then(async (answer) => {
        const body = await answer.text();
        if (!answer.ok) throw refusalOf(body, answer.status);
        setText(body);
      })
      .catch((failed: unknown) => {
        if (!isAborted(failed)) setError(failed);
      });
    return () => stop.abort();
  }, [source]);
  return (
    <>
      <header class="preview-head">
        <b>{file.path}</b>
        {file.size !== null && <span class="muted">{formatBytes(file.size, language.value)}</span>}
        <a class="quiet" href={`${base}/files/${encoded(file.path)}`} download={file.name}>
          <UiIcon name="save" />
          {t('run.download')}
        </a>
      </header>
      {kind === 'none' ? (
        <p class="empty">{t('run.preview.binary')}</p>
      ) : error !== null ? (
        <p class="empty">{error instanceof Refusal ? error.what : t('link.lost.title')}</p>
      ) : kind === 'image' ? (
        <img class="preview-image" src={source} alt={file.name} onError={() => setError(new Refusal(0, t('run.preview.broken'), null))} />
      ) : text === null ? (
        <p class="empty">{t('run.preview.loading')}</p>
      ) : kind === 'drawing' ? (
        <img class="preview-image" src={drawingUrl(text)} alt={file.name} onError={() => setError(new Refusal(0, t('run.preview.broken'), null))} />
      ) : kind === 'table' ? (
        <Rows text={text} file={file} />
      ) : (
        <pre class="preview-text" tabIndex={0}>
          {pretty(kind, text).slice(0, TEXT_MAX)}
        </pre>
      )}
    </>
  );
}

function pretty(kind: string, text: string): string {
  if (kind !== 'json' || text.length > TEXT_MAX) return text;
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

function Rows({ text, file }: { text: string; file: ArtifactFile }) {
  const rows = csvRows(text, file.path.endsWith('.tsv') ? '\t' : ',', ROWS_MAX + 1);
  const [head, ...body] = rows;
  if (!head) return <p class="empty">{t('run.preview.nothing')}</p>;
  return (
    <Scroll title={file.name}>
      <table>
        <thead>
          <tr>
            {head.map((cell, i) => (
              <th key={i} scope="col">
                {cell}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {body.map((row, i) => (
            <tr key={i}>
              {row.map((cell, j) => (
                <td key={j} class={cell !== '' && !Number.isNaN(Number(cell)) ? 'number' : ''}>
                  {cell}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {rows.length > ROWS_MAX && <p class="muted">{t('run.preview.rows', { count: ROWS_MAX })}</p>}
    </Scroll>
  );
}
