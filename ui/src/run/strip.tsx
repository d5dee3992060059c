import { t } from '../i18n';
import { modelPath } from '../router';
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
  const to = detail.models
    .filter((m) => m.role === 'output')
    .map((m) => ({
      kind: t('run.strip.model'),
      name: m.name,
      more: m.version !== null ? t('run.strip.version', { version: m.version }) : m.id,
      href: m.version !== null ? modelPath(m.name) : null,
    }));
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
