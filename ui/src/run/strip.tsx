import { useEffect, useState } from 'preact/hooks';
import { t } from '../i18n';
import { list, object, text } from '../json';
import { modelPath } from '../router';
import { server } from '../server';
import type { Detail } from './types';

/** What the run was made from, and what was made of it, from left to right. */
export function Strip({ detail }: { detail: Detail }) {
  const commit = detail.environment['commit'];
  const from = [
    ...detail.inputs.map((input) => ({
      kind: input.context ?? t('run.strip.data'),
      name: input.name,
      more: input.digest,
      href: null as string | null,
    })),
    ...detail.models.filter((m) => m.role === 'input').map((m) => ({ kind: t('run.strip.model'), name: m.name, more: m.id, href: null })),
    ...(commit ? [{ kind: t('run.strip.code'), name: detail.run.source ?? detail.environment['source'] ?? 'git', more: commit.slice(0, 12), href: null }] : []),
  ];
  const registered = useRegistered(detail);
  const to = [...detail.models
    .filter((m) => m.role === 'output')
    .map((m) => ({
      kind: t('run.strip.model'),
      name: m.name,
      more: m.version !== null ? t('run.strip.version', { version: m.version }) : m.id,
      href: m.version !== null ? modelPath(m.name) : null,
    })),
    ...registered.map((r) => ({
      kind: t('run.strip.registered'),
      name: r.name,
      more: t('run.strip.version', { version: r.version }),
      href: `${modelPath(r.name)}?version=${r.version}`,
    })),
  ];
  if (from.length === 0 && to.length === 0) return null;
  return (
    <section class="strip" aria-label={t('run.lineage')}>
      <Boxes items={from} none={t('run.strip.unknown')} />
      <Arrow />
      <div class="strip-run">
        <small>{t('run.strip.run')}</small>
        <b>{detail.run.name}</b>
      </div>
      <Arrow />
      <Boxes items={to} none={t('run.strip.nothing')} />
    </section>
  );
}

interface Registered {
  name: string;
  version: string;
}

export function readRegistered(json: unknown): Registered[] {
  return list(object(json)['model_versions'], (o) => {
    const name = text(o['name']);
    const version = text(o['version']);
    return name && version && /^\d+$/.test(version) ? { name, version } : null;
  });
}

/** The versions that were registered from this run; asked only where there is something that could be. */
function useRegistered(detail: Detail): Registered[] {
  const [found, setFound] = useState<Registered[]>([]);
  const id = detail.run.id;
  const isAsked = /^[\w-]+$/.test(id) && (detail.artifacts !== 0 || detail.models.some((m) => m.role === 'output'));
  useEffect(() => {
    if (!isAsked) return;
    const stop = new AbortController();
    const query = new URLSearchParams({ filter: `run_id = '${id}'`, max_results: '20' });
    server(`/ajax-api/2.0/mlflow/model-versions/search?${query.toString()}`, { signal: stop.signal }).then(
      (json) => setFound(readRegistered(json)),
      () => {}, // The strip then tells of the run alone.
    );
    return () => stop.abort();
  }, [id, isAsked]);
  return found;
}

const SHOWN_MAX = 6;

function Boxes({ items, none }: { items: { kind: string; name: string; more: string | null; href: string | null }[]; none: string }) {
  if (items.length === 0) return <p class="strip-none muted">{none}</p>;
  return (
    <ul class="strip-boxes">
      {items.slice(0, SHOWN_MAX).map((item, i) => (
        <li key={i}>
          <small>{item.kind}</small>
          {item.href ? <a href={item.href}>{item.name}</a> : <span>{item.name}</span>}
          {item.more && <code>{item.more}</code>}
        </li>
      ))}
      {items.length > SHOWN_MAX && <li class="muted">{t('run.strip.more', { count: items.length - SHOWN_MAX })}</li>}
    </ul>
  );
}

function Arrow() {
  return (
    <svg class="strip-arrow" viewBox="0 0 36 12" aria-hidden="true">
      <path class="stroke" d="M1 6h32M28.5 1.5 33.5 6l-5 4.5" />
    </svg>
  );
}
