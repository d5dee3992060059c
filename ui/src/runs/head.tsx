import type { RefObject } from 'preact';
import { t } from '../i18n';
import { UiIcon } from '../parts/icons';
import { Menu } from '../parts/menu';
import { ask } from '../router';
import { columnWord, type Style } from './cells';
import { clampWidth, orderKey, packList, type Column, type ColumnGroup } from './columns';
import type { RowModel } from './model';
import { chooseColumns, columnKeys, groupBy, pin, resize, rows, selected, sortBy, sortExactly, sorts } from './state';

/** The head of the runs table: groups of columns, then the columns, with what can be done to them. */
export function Head(props: {
  refTo: RefObject<HTMLDivElement | null>;
  columns: Column[];
  lefts: Map<string, number>;
  template: string;
  model: RowModel | null;
  styles: Map<string, Style>;
}) {
  const { columns, lefts, template } = props;
  const spans: { group: ColumnGroup | 'pinned'; columns: Column[] }[] = [];
  for (const column of columns) {
    const group = column.pinned ? 'pinned' : column.group;
    const last = spans.at(-1);
    if (last?.group === group) last.columns.push(column);
    else spans.push({ group, columns: [column] });
  }
  const runs = rows.value?.pager.runs ?? [];
  const all = runs.length > 0 && runs.every((r) => selected.value.has(r.id));
  let at = 3;
  return (
    <div class="grid-head" role="rowgroup" ref={props.refTo}>
      <div class="grid-groups" role="row" aria-rowindex={1} style={{ gridTemplateColumns: template }}>
        <div role="columnheader" aria-colindex={1} aria-colspan={2} class="stick stick-select span-two">
          <span class="hidden">{t('runs.column.run')}</span>
        </div>
        {spans.map((span) => {
          const index = at;
          at += span.columns.length;
          const left = span.columns[0] ? lefts.get(span.columns[0].key) : undefined;
          return (
            <div
              key={`${span.group}${index}`}
              role="columnheader"
              aria-colindex={index}
              aria-colspan={span.columns.length}
              class={`grid-groupname ${left === undefined ? '' : 'stick'}`}
              style={{ gridColumn: `span ${span.columns.length}`, ...(left === undefined ? {} : { insetInlineStart: `${left}px` }) }}
            >
              <span>{groupWord(span.group)}</span>
            </div>
          );
        })}
      </div>
      <div class="grid-names" role="row" aria-rowindex={2} style={{ gridTemplateColumns: template }}>
        <div role="columnheader" aria-colindex={1} class="grid-cell stick stick-select">
          <input
            type="checkbox"
            checked={all}
            disabled={runs.length === 0}
            aria-label={t('runs.select.all')}
            title={t('runs.select.all')}
            onChange={(event) => (selected.value = event.currentTarget.checked ? new Set(runs.map((r) => r.id)) : new Set())}
          />
        </div>
        <Heading column={{ key: 'name', group: 'run', name: 'name', width: 0, pinned: true }} at={2} left={undefined} right={false} fixed />
        {columns.map((column, i) => (
          <Heading key={column.key} column={column} at={i + 3} left={lefts.get(column.key)} right={props.styles.get(column.key)?.right ?? false} />
        ))}
      </div>
    </div>
  );
}

export function groupWord(group: ColumnGroup | 'pinned'): string {
  switch (group) {
    case 'pinned':
      return t('runs.pinned');
    case 'run':
      return t('runs.column.run');
    case 'metrics':
      return t('runs.metrics');
    case 'params':
      return t('runs.params');
    case 'tags':
      return t('runs.tags');
  }
}

function Heading(props: { column: Column; at: number; left: number | undefined; right: boolean; fixed?: boolean }) {
  const { column, left } = props;
  const sort = sorts.value.findIndex((s) => s.key === column.key);
  const now = sorts.value[sort];
  const orderable = orderKey(column.key) !== null;
  const word = columnWord(column.key);
  return (
    <div
      role="columnheader"
      aria-colindex={props.at}
      aria-sort={!orderable ? undefined : now ? (now.descending ? 'descending' : 'ascending') : 'none'}
      class={`grid-cell grid-heading ${props.fixed ? 'stick stick-name' : ''} ${left === undefined ? '' : 'stick'} ${props.right ? 'right' : ''}`}
      style={left === undefined ? undefined : { insetInlineStart: `${left}px` }}
    >
      <button
        type="button"
        class="bare sorter"
        disabled={!orderable}
        title={orderable ? t('runs.sort.hint', { column: word }) : word}
        onClick={(event) => sortBy(column.key, event.shiftKey)}
      >
        <span class="sorter-word">{word}</span>
        {now && (
          <span class="sorter-way">
            <UiIcon name={now.descending ? 'fall' : 'up'} />
            {sorts.value.length > 1 && <sub>{sort + 1}</sub>}
          </span>
        )}
      </button>
      {!props.fixed && <ColumnMenu column={column} word={word} orderable={orderable} />}
      {!props.fixed && <Handle column={column} word={word} />}
    </div>
  );
}

function ColumnMenu({ column, word, orderable }: { column: Column; word: string; orderable: boolean }) {
  const groupable = column.group === 'params' || column.group === 'tags' || column.key === 'status' || column.key === 'user';
  const grouped = groupBy.value.includes(column.key);
  return (
    <Menu label={t('runs.column.menu', { column: word })} face={<UiIcon name="more" />} class="bare column-more">
      {(close) => {
        const item = (text: string, act: () => void) => (
          <button
            type="button"
            class="pop-item"
            onClick={() => {
              close();
              act();
            }}
          >
            {text}
          </button>
        );
        return (
          <>
            <p class="pop-title">{word}</p>
            {orderable && item(t('runs.sort.up'), () => sortExactly({ key: column.key, descending: false }))}
            {orderable && item(t('runs.sort.down'), () => sortExactly({ key: column.key, descending: true }))}
            {orderable && sorts.value.length > 0 && item(t('runs.sort.add'), () => sortBy(column.key, true))}
            {groupable &&
              item(grouped ? t('runs.group.remove') : t('runs.group.add'), () =>
                ask({ by: packList(grouped ? groupBy.value.filter((k) => k !== column.key) : [...groupBy.value, column.key]) }),
              )}
            {item(column.pinned ? t('runs.unpin') : t('runs.pin'), () => pin(column.key, !column.pinned))}
            <div class="pop-pair">
              <button type="button" class="pop-item" onClick={() => resize(column.key, clampWidth(column.width - STEP_PX))}>
                {t('runs.narrower')}
              </button>
              <button type="button" class="pop-item" onClick={() => resize(column.key, clampWidth(column.width + STEP_PX))}>
                {t('runs.wider')}
              </button>
            </div>
            {item(t('runs.hide'), () => chooseColumns(columnKeys.value.filter((k) => k !== column.key)))}
          </>
        );
      }}
    </Menu>
  );
}

const STEP_PX = 16;

/** The edge of a column, to be dragged; the arrow keys move it too. */
function Handle({ column, word }: { column: Column; word: string }) {
  const drag = (event: PointerEvent) => {
    event.preventDefault();
    const handle = event.currentTarget as HTMLElement;
    const from = event.clientX;
    handle.setPointerCapture(event.pointerId);
    const move = (moved: PointerEvent) => resize(column.key, clampWidth(column.width + moved.clientX - from));
    const end = () => {
      handle.removeEventListener('pointermove', move);
      handle.removeEventListener('pointerup', end);
    };
    handle.addEventListener('pointermove', move);
    handle.addEventListener('pointerup', end);
  };
  return (
    <span
      class="handle"
      role="separator"
      aria-orientation="vertical"
      aria-label={t('runs.resize', { column: word })}
      aria-valuenow={column.width}
      tabIndex={-1}
      onPointerDown={drag}
      onKeyDown={(event) => {
        if (event.key === 'ArrowLeft' || event.key === 'ArrowRight') {
          event.preventDefault();
          resize(column.key, clampWidth(column.width + (event.key === 'ArrowRight' ? STEP_PX : -STEP_PX)));
        }
      }}
    />
  );
}
