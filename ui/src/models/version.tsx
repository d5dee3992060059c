import { useEffect, useState } from 'preact/hooks';
import { formatBytes, formatNumber } from '../format';
import { language, t } from '../i18n';
import { Command, Panel, Scroll, Unknown } from '../parts/bits';
import { UiIcon } from '../parts/icons';
import { tell } from '../parts/toast';
import { runPath } from '../router';
import { isAborted, Refusal, server } from '../server';
import { Measured } from './measured';
import { reasonWords } from './reason';
import { readDifference, type Difference, type Side, type Version } from './types';
import { GateBadge, gateValue, StageBadge, when } from './words';

/** One version: gates, files, aliases, and what sets it apart from another. */
export function VersionPanel(props: { base: string; version: Version; versions: Version[]; onMove(): void; onChanged(): void }) {
  const { base, version: v, versions } = props;
  const name = decodeURIComponent(base.slice(base.lastIndexOf('/') + 1));
  return (
    <Panel
      class="version-panel"
      title={t('model.version.title', { version: v.version })}
      aside={
        <span class="version-actions">
          <StageBadge stage={v.stage} />
          <a class="quiet" href={`${base}/versions/${v.version}/card`} target="_blank" rel="noopener">
            {t('model.card')}
          </a>
          <button type="button" class="quiet strong" onClick={props.onMove}>
            {t('model.move')}
          </button>
        </span>
      }
    >
      {(v.semver || v.reason) && (
        <p class="sentence">
          {v.semver && <b>{v.semver}</b>}
          {v.reason && ` ${reasonWords(v.reason)}`}
        </p>
      )}
      {v.description && <p class="sentence">{v.description}</p>}
      <div class="pair halves">
        <div>
          <Measured version={v} />
          <Gates version={v} />
          <Aliases {...props} />
        </div>
        <div>
          <h3>{t('model.origin')}</h3>
          <table class="named">
            <tbody>
              {v.run && (
                <tr>
                  <th scope="row">{t('model.run')}</th>
                  <td>
                    <a href={runPath(v.run)}>
                      <code>{v.run.slice(0, 12)}</code>
                    </a>
                  </td>
                </tr>
              )}
              {v.lineage.data && <Fact name={t('model.data')} value={v.lineage.data} />}
              {v.lineage.features && <Fact name={t('model.features')} value={v.lineage.features} />}
              {v.lineage.code && <Fact name={t('model.code')} value={v.lineage.code} />}
              {v.lineage.parents.length > 0 && <Fact name={v.lineage.parents.every((p) => p.startsWith('m-')) ? t('lineage.logged') : t('model.parents')} value={v.lineage.parents.join(', ')} />}
              {v.by && <Fact name={t('model.by')} value={`${v.by}, ${when(v.at)} UTC`} />}
              {v.approvals.length > 0 && <Fact name={t('model.approvals')} value={v.approvals.map((a) => a.who).join(', ')} />}
              {v.source && <Fact name={t('model.source')} value={v.source} />}
            </tbody>
          </table>
          <h3>{t('model.manifest')}</h3>
          {v.manifest ? (
            <p class="manifest">
              {t('model.manifest.text', { files: v.manifest.files ?? 0, size: formatBytes(v.manifest.bytes ?? 0, language.value) })}{' '}
              {v.manifest.signed ? t('model.manifest.signed') : t('model.manifest.unsigned')}
              {v.manifest.digest && <code class="digest">{v.manifest.digest}</code>}
            </p>
          ) : (
            <p class="empty">{t('model.manifest.none')}</p>
          )}
          <h3>{t('model.get')}</h3>
          <Command command={`mlflow artifacts download -u ${shell(`models:/${name}/${v.version}`)}`} />
        </div>
      </div>
      {versions.length > 1 && <Against base={base} version={v} versions={versions} />}
    </Panel>
  );
}

function shell(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

function Fact({ name, value }: { name: string; value: string }) {
  return (
    <tr>
      <th scope="row">{name}</th>
      <td>
        <span class="named-value">{value}</span>
      </td>
    </tr>
  );
}

function Gates({ version }: { version: Version }) {
  return (
    <>
      <h3>{t('models.gates')}</h3>
      {version.gates.length === 0 ? (
        <p class="empty">{t('models.gates.none')}</p>
      ) : (
        <Scroll title={t('models.gates')}>
          <table class="gates">
            <tbody>
              {version.gates.map((gate) => (
                <tr key={gate.name}>
                  <th scope="row">{gate.name}</th>
                  <td class="number">{gateValue(gate, gate.actual) ?? <Unknown />}</td>
                  <td class="number muted">
                    {gate.threshold !== null && `${gate.isMost ? '≤' : '≥'} ${gateValue(gate, gate.threshold) ?? ''}`}
                  </td>
                  <td>
                    <GateBadge state={gate.state} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
      )}
    </>
  );
}

function Aliases({ base, version: v, onChanged }: { base: string; version: Version; onChanged(): void }) {
  const [adding, setAdding] = useState('');
  const change = async (alias: string, method: 'POST' | 'DELETE') => {
    try {
      await server(`${base}/versions/${v.version}/aliases/${encodeURIComponent(alias)}`, method === 'POST' ? { method, body: {} } : { method, body: undefined });
      setAdding('');
      onChanged();
      tell({
        text: method === 'POST' ? t('model.alias.set', { alias, version: v.version }) : t('model.alias.removed', { alias }),
        ...(method === 'DELETE' ? { undo: () => void change(alias, 'POST') } : {}),
      });
    } catch (error) {
      tell({ text: error instanceof Refusal ? error.what : t('link.lost.title'), failed: true });
    }
  };
  return (
    <>
      <h3>{t('models.aliases')}</h3>
      <div class="alias-line">
        {v.aliases.map((alias) => (
          <span key={alias} class="reason alias">
            {alias}
            <button type="button" class="bare" aria-label={t('model.alias.remove', { alias })} onClick={() => void change(alias, 'DELETE')}>
              <UiIcon name="cross" />
            </button>
          </span>
        ))}
        <form
          class="field alias-form"
          onSubmit={(event) => {
            event.preventDefault();
            if (adding.trim()) void change(adding.trim(), 'POST');
          }}
        >
          <input
            type="text"
            size={14}
            maxLength={255}
            placeholder={t('model.alias.new')}
            aria-label={t('model.alias.new')}
            value={adding}
            onInput={(event) => setAdding(event.currentTarget.value)}
          />
          <button type="submit" class="quiet" disabled={!adding.trim()}>
            {t('model.alias.add')}
          </button>
        </form>
      </div>
    </>
  );
}

/** What changed from another version to this one. */
function Against({ base, version, versions }: { base: string; version: Version; versions: Version[] }) {
  const others = versions.filter((v) => v !== version);
  const usual = others.find((v) => v.version < version.version) ?? others[0];
  const [other, setOther] = useState(usual?.version ?? 0);
  const [difference, setDifference] = useState<Difference | null>(null);
  const [failed, setFailed] = useState<unknown>(null);
  useEffect(() => {
    const stop = new AbortController();
    server(`${base}/versions/${other}/diff/${version.version}`, { signal: stop.signal }).then(
      (json) => {
        setDifference(readDifference(json));
        setFailed(null);
      },
      (error: unknown) => {
        if (!isAborted(error)) setFailed(error);
      },
    );
    return () => stop.abort();
  }, [other, version.version]);
  const d = difference;
  const sides: Side[] = d ? [...d.params, ...d.lineage] : [];
  return (
    <div class="against">
      <h3>
        <label class="field">
          {t('model.against')}{' '}
          <select value={other} onChange={(event) => setOther(Number(event.currentTarget.value))}>
            {others.map((v) => (
              <option key={v.version} value={v.version}>
                {v.version}
                {v.semver ? ` (${v.semver})` : ''}
              </option>
            ))}
          </select>
        </label>
      </h3>
      {failed !== null ? (
        <p class="empty">{failed instanceof Refusal ? failed.what : t('link.lost.title')}</p>
      ) : d && sides.length === 0 && d.features.added.length + d.features.removed.length + d.metrics.length + d.reasons.length === 0 ? (
        <p class="empty">{t('model.against.same')}</p>
      ) : (
        d && (
          <>
            {d.reasons.length > 0 && <p class="sentence">{reasonWords(d.reasons.join('; '))}</p>}
            <Scroll title={t('model.against')}>
              <table class="diff">
                <thead>
                  <tr>
                    <th scope="col">{t('model.what')}</th>
                    <th scope="col">{formatNumber(other, language.value)}</th>
                    <th scope="col">{formatNumber(version.version, language.value)}</th>
                  </tr>
                </thead>
                <tbody>
                  {[...sides, ...d.metrics].map((side) => (
                    <tr key={side.name}>
                      <th scope="row">{side.name}</th>
                      <td>{side.from ?? <Unknown />}</td>
                      <td class={side.from === side.to ? '' : 'changed'}>{side.to ?? <Unknown />}</td>
                    </tr>
                  ))}
                  {d.features.added.length + d.features.removed.length > 0 && (
                    <tr>
                      <th scope="row">{t('model.features')}</th>
                      <td>{d.features.removed.join(', ')}</td>
                      <td class="changed">{d.features.added.join(', ')}</td>
                    </tr>
                  )}
                </tbody>
              </table>
            </Scroll>
          </>
        )
      )}
    </div>
  );
}
