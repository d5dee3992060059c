import { useState } from 'preact/hooks';
import { formatNumber } from '../format';
import { language, t } from '../i18n';
import { UiIcon } from '../parts/icons';
import { Menu } from '../parts/menu';
import { tell } from '../parts/toast';
import { ask, comparePath, COMPARED_MAX, go } from '../router';
import { Refusal, server } from '../server';
import { columnWord, plainValue } from './cells';
import { csvCell, groupOf, packList, RUN_COLUMNS } from './columns';
import { groupWord } from './head';
import { again, chooseColumns, columnKeys, columns, experiment, experiments, filter, groupBy, names, query, rows, searchBody, selected, sorts, view } from './state';
import { readRunsPage } from './types';

/** What stands above the runs table, and what can be done with the chosen runs. */

export function Scope() {
  return (
    <div class="scope">
      <label class="field">
        <span class="hidden">{t('runs.column.experiment')}</span>
        <select
          value={experiment.value ?? ''}
          onChange={(event) => {
            selected.value = new Set();
            ask({ experiment: event.currentTarget.value || null, cols: null, by: null, order: null });
          }}
        >
          <option value="">{t('runs.experiments.all')}</option>
          {experiments.value.map((e) => (
            <option key={e.id} value={e.id}>
              {e.runs === null ? e.name : `${e.name} (${formatNumber(e.runs, language.value)})`}
            </option>
          ))}
          {experiment.value !== null && !experiments.value.some((e) => e.id === experiment.value) && (
            <option value={experiment.value}>{experiment.value}</option>
          )}
        </select>
      </label>
      <label class="field">
        <span class="hidden">{t('runs.view')}</span>
        <select
          value={view.value}
          onChange={(event) => {
            selected.value = new Set();
            ask({ view: event.currentTarget.value === 'deleted' ? 'deleted' : null });
          }}
        >
          <option value="active">{t('runs.view.active')}</option>
          <option value="deleted">{t('runs.view.deleted')}</option>
        </select>
      </label>
    </div>
  );
}

/** How many there are, and of how many the filter speaks. */
export function Count() {
  const now = rows.value;
  if (!now) return null;
  const count = now.groups ? now.groups.length : now.pager.length;
  return (
    <p class="count" role="status">
      {now.groups ? t('runs.groups.count', { count }) : query.value ? t('runs.count.found', { count }) : t('runs.count', { count })}
    </p>
  );
}

export function ColumnPicker() {
  return (
    <Menu
      label={t('runs.columns')}
      panelClass="picker"
      face={
        <>
          <UiIcon name="columns" />
          <span class="face-word">{t('runs.columns')}</span>
        </>
      }
    >
      {() => <Picker />}
    </Menu>
  );
}

const PICKED_SHOWN_MAX = 300;

function Picker() {
  const [wanted, setWanted] = useState('');
  const known = names.value ?? { metrics: [], params: [], tags: [] };
  const groups = [
    { group: 'run' as const, keys: [...RUN_COLUMNS] as string[] },
    { group: 'metrics' as const, keys: known.metrics.map((m) => `metrics.${m}`) },
    { group: 'params' as const, keys: known.params.map((p) => `params.${p}`) },
    { group: 'tags' as const, keys: known.tags.map((each) => `tags.${each}`) },
  ];
  const shown = new Set(columnKeys.value);
  const low = wanted.toLowerCase();
  const set = (keys: string[], on: boolean) =>
    chooseColumns(on ? [...columnKeys.value, ...keys.filter((k) => !shown.has(k))] : columnKeys.value.filter((k) => !keys.includes(k)));
  return (
    <>
      <input
        type="search"
        autofocus
        class="picker-search"
        placeholder={t('runs.columns.search')}
        aria-label={t('runs.columns.search')}
        value={wanted}
        onInput={(event) => setWanted(event.currentTarget.value)}
      />
      <div class="picker-list">
        {groups.map(({ group, keys }) => {
          const found = keys.filter((k) => columnWord(k).toLowerCase().includes(low));
          if (found.length === 0) return null;
          const on = found.filter((k) => shown.has(k)).length;
          return (
            <fieldset key={group}>
              <legend>
                <span>
                  {groupWord(group)}{' '}
                  <span class="muted">
                    {formatNumber(on, language.value)}/{formatNumber(found.length, language.value)}
                  </span>
                </span>
                <button type="button" class="bare" onClick={() => set(found.slice(0, PICKED_SHOWN_MAX), on < found.length)}>
                  {on < found.length ? t('runs.columns.all') : t('runs.columns.none')}
                </button>
              </legend>
              {found.slice(0, PICKED_SHOWN_MAX).map((key) => (
                <label key={key}>
                  <input type="checkbox" checked={shown.has(key)} onChange={(event) => set([key], event.currentTarget.checked)} />
                  <span>{columnWord(key)}</span>
                </label>
              ))}
            </fieldset>
          );
        })}
      </div>
    </>
  );
}

export function GroupPicker() {
  const known = names.value ?? { metrics: [], params: [], tags: [] };
  const keys = ['status', 'user', ...known.params.map((p) => `params.${p}`), ...known.tags.map((each) => `tags.${each}`)];
  const on = groupBy.value;
  return (
    <Menu
      label={t('runs.group')}
      panelClass="picker"
      class={`quiet ${on.length > 0 ? 'on' : ''}`}
      face={
        <>
          <UiIcon name="group" />
          <span class="face-word">{on.length > 0 ? t('runs.group.by', { columns: on.map(columnWord).join(', ') }) : t('runs.group')}</span>
        </>
      }
    >
      {() => (
        <div class="picker-list">
          <fieldset>
            <legend>
              <span>{t('runs.group')}</span>
              {on.length > 0 && (
                <button type="button" class="bare" onClick={() => ask({ by: null })}>
                  {t('runs.columns.none')}
                </button>
              )}
            </legend>
            {keys.slice(0, PICKED_SHOWN_MAX).map((key) => (
              <label key={key}>
                <input
                  type="checkbox"
                  checked={groupBy.value.includes(key)}
                  onChange={(event) => ask({ by: packList(event.currentTarget.checked ? [...groupBy.value, key] : groupBy.value.filter((k) => k !== key)) })}
                />
                <span>{columnWord(key)}</span>
                {groupOf(key) !== 'run' && <span class="muted">{groupOf(key) === 'params' ? t('runs.kind.param') : t('runs.kind.tag')}</span>}
              </label>
            ))}
          </fieldset>
        </div>
      )}
    </Menu>
  );
}

const PAGE_OF_FILE = 1000;
const ROWS_OF_FILE_MAX = 100_000;

export function More() {
  return (
    <Menu label={t('runs.more')} face={<UiIcon name="more" />}>
      {(close) => (
        <>
          <button
            type="button"
            class="pop-item"
            onClick={() => {
              close();
              void copy(location.href);
            }}
          >
            {t('runs.copy.link')}
          </button>
          <button
            type="button"
            class="pop-item"
            onClick={() => {
              close();
              void copy(commandOf());
            }}
          >
            {t('runs.copy.command')}
          </button>
          <button
            type="button"
            class="pop-item"
            onClick={() => {
              close();
              void download();
            }}
          >
            {t('runs.csv')}
          </button>
        </>
      )}
    </Menu>
  );
}

async function copy(text: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    tell({ text: t('app.copied') });
  } catch {
    tell({ text, failed: true });
  }
}

/** The same question on the command line. */
function commandOf(): string {
  const shell = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;
  const parts = ['orrery exp ls'];
  if (experiment.value !== null) parts.push(`--experiment ${shell(experiment.value)}`);
  if (filter.value) parts.push(`--filter ${shell(filter.value)}`);
  for (const sort of sorts.value) parts.push(`--order ${shell(`${sort.key}${sort.descending ? ' desc' : ''}`)}`);
  return parts.join(' ');
}

async function download(): Promise<void> {
  const keys = columns.value.map((c) => c.key);
  const lines = [['id', 'name', ...keys].map(csvCell).join(',')];
  try {
    let page: string | null = null;
    do {
      const answer: ReturnType<typeof readRunsPage> = readRunsPage(
        await server('/api/v1/runs/search', { body: searchBody(filter.value, PAGE_OF_FILE, page, false) }),
      );
      for (const run of answer.runs) lines.push([run.id, run.name, ...keys.map((k) => plainValue(k, run))].map(csvCell).join(','));
      page = answer.runs.length > 0 ? answer.next : null;
    } while (page !== null && lines.length <= ROWS_OF_FILE_MAX);
  } catch (error) {
    tell({ text: error instanceof Refusal ? error.what : t('link.lost.title'), failed: true });
    return;
  }
  const url = URL.createObjectURL(new Blob([`${lines.join('\n')}\n`], { type: 'text/csv' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = 'runs.csv';
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}

/** What can be done with the chosen runs; it lies over the table's foot, so that nothing moves. */
export function Selection() {
  const ids = [...selected.value];
  if (ids.length === 0) return null;
  const archived = view.value === 'deleted';
  return (
    <div class="selection" role="region" aria-label={t('runs.selection')}>
      <b>{t('runs.selected', { count: ids.length })}</b>
      <button
        type="button"
        class="quiet strong"
        disabled={ids.length < 2}
        title={ids.length > COMPARED_MAX ? t('runs.compare.most', { most: COMPARED_MAX }) : undefined}
        onClick={() => go(comparePath(ids.slice(0, COMPARED_MAX)))}
      >
        {t('runs.compare')} <kbd>c</kbd>
      </button>
      <button type="button" class="quiet" onClick={() => void change(ids, archived ? 'restore' : 'delete', true)}>
        {archived ? t('runs.restore') : t('runs.archive')}
      </button>
      <button type="button" class="quiet" onClick={() => (selected.value = new Set())}>
        {t('runs.clear')} <kbd>Esc</kbd>
      </button>
    </div>
  );
}

const IDS_AT_ONCE = 500;

/** Archives runs or brings them back; both can be undone by the other. */
async function change(ids: string[], what: 'delete' | 'restore', undoable: boolean): Promise<void> {
  try {
    for (let i = 0; i < ids.length; i += IDS_AT_ONCE) {
      await server(`/api/v1/runs/${what}`, { body: { ids: ids.slice(i, i + IDS_AT_ONCE) } });
    }
  } catch (error) {
    tell({ text: error instanceof Refusal ? error.what : t('link.lost.title'), failed: true });
    again();
    return;
  }
  selected.value = new Set();
  again();
  const text = what === 'delete' ? t('runs.archived', { count: ids.length }) : t('runs.restored', { count: ids.length });
  tell(undoable ? { text, undo: () => void change(ids, what === 'delete' ? 'restore' : 'delete', false) } : { text });
}

