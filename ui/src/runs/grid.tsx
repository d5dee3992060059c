import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import { t } from '../i18n';
import { isTyping, onKeys } from '../keys';
import { UiIcon } from '../parts/icons';
import { comparePath, COMPARED_MAX, go, runPath } from '../router';
import { CellValue, GroupCell, groupTitle, styleOf, type Style } from './cells';
import type { Column } from './columns';
import { Head } from './head';
import { flatModel, groupedModel, type RowModel, type RowView } from './model';
import { active, columns, groupKey, open, rows, selected, stale, toggle, toggleGroup } from './state';

const SELECT_PX = 40;
const NAME_PX = 220;
const NAME_GROUPED_PX = 320;
const NAME_NARROW_PX = 148;
const OVERSCAN = 8;

/** The table of runs: an ARIA grid of which only the rows in sight are drawn. */
export function Grid({ narrow }: { narrow: boolean }) {
  const box = useRef<HTMLDivElement>(null);
  const [range, setRange] = useState<[number, number]>([0, 40]);
  const [focused, setFocused] = useState(false);
  const anchor = useRef(0);
  const now = rows.value;
  const shown = columns.value;
  const opened = open.value;
  const model = useMemo<RowModel | null>(() => {
    if (!now) return null;
    return now.groups ? groupedModel(now.groups, (group) => opened.get(groupKey(group))) : flatModel(now.pager);
  }, [now, opened]);
  const firstPage = now?.pager.runs.length ? now.pager.runs.slice(0, 200) : [];
  const styles = useMemo(() => new Map(shown.map((c) => [c.key, styleOf(c, firstPage)])), [shown, now?.pager, firstPage.length > 0]);
  const grouped = (now?.groups ?? null) !== null;
  const widths = useMemo(() => place(shown, narrow, grouped), [shown, narrow, grouped]);
  const head = useRef<HTMLDivElement>(null);
  const latest = useRef({ model });
  latest.current = { model };

  // Where the window stands is noted when it changes: to ask in the middle of drawing would lay out the page twice.
  const seen = useRef({ top: 0, height: 0 });
  const show = () => {
    const rowsNow = latest.current.model;
    const { top, height } = seen.current;
    if (!rowsNow || height === 0) return;
    const from = Math.max(0, rowsNow.indexAt(top) - OVERSCAN);
    const to = Math.min(rowsNow.count, rowsNow.indexAt(top + height) + 1 + OVERSCAN);
    setRange((before) => (before[0] === from && before[1] === to ? before : [from, to]));
    rowsNow.want(from, to + 100);
  };
  const measure = () => {
    if (!box.current) return;
    seen.current = { top: box.current.scrollTop, height: box.current.clientHeight };
    show();
  };
  useLayoutEffect(show, [model]);
  useEffect(() => {
    const observer = new ResizeObserver(measure);
    if (box.current) observer.observe(box.current);
    return () => observer.disconnect();
  }, []);
  // A new question begins at the top.
  useLayoutEffect(() => {
    if (box.current && seen.current.top !== 0) {
      box.current.scrollTop = 0;
      seen.current.top = 0;
    }
    anchor.current = 0;
  }, [now?.pager]);

  const reveal = (index: number) => {
    const element = box.current;
    const rowsNow = latest.current.model;
    if (!element || !rowsNow) return;
    const top = rowsNow.topOf(index);
    const bottom = index + 1 < rowsNow.count ? rowsNow.topOf(index + 1) : rowsNow.height;
    const room = element.clientHeight - (head.current?.offsetHeight ?? 0);
    if (top < element.scrollTop) element.scrollTop = top;
    else if (bottom > element.scrollTop + room) element.scrollTop = bottom - room;
  };
  const move = (to: number, extend = false) => {
    const rowsNow = latest.current.model;
    if (!rowsNow || rowsNow.count === 0) return;
    const index = Math.min(rowsNow.count - 1, Math.max(0, to));
    if (extend) {
      const row = rowsNow.rowAt(index);
      if (row.kind === 'run' && row.run) toggle(row.run.id, true);
    }
    active.value = index;
    reveal(index);
  };
  const selectRange = (to: number) => {
    const rowsNow = latest.current.model;
    if (!rowsNow) return;
    const next = new Set(selected.value);
    for (let i = Math.min(anchor.current, to); i <= Math.max(anchor.current, to); i++) {
      const row = rowsNow.rowAt(i);
      if (row.kind === 'run' && row.run) next.add(row.run.id);
    }
    selected.value = next;
  };
  const mark = (index: number, extend: boolean) => {
    const row = latest.current.model?.rowAt(index);
    if (!row || row.kind !== 'run' || !row.run) return;
    if (extend) selectRange(index);
    else {
      toggle(row.run.id);
      anchor.current = index;
    }
  };
  const enter = () => {
    const row = latest.current.model?.count ? latest.current.model.rowAt(active.value) : undefined;
    if (row?.kind === 'group') toggleGroup(row.group);
    else if (row?.run) go(runPath(row.run.id));
  };
  const compare = () => {
    if (selected.value.size >= 2) go(comparePath([...selected.value].slice(0, COMPARED_MAX)));
  };

  useEffect(
    () =>
      onKeys({
        j: (event) => move(active.value + 1, event.shiftKey),
        k: (event) => move(active.value - 1, event.shiftKey),
        x: (event) => mark(active.value, event.shiftKey),
        c: compare,
        e: enter,
        Escape: () => {
          if (!isTyping(document.activeElement)) selected.value = new Set();
        },
      }),
    [],
  );
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.target !== box.current || event.ctrlKey || event.metaKey || event.altKey) return;
    const page = Math.max(1, Math.floor((box.current?.clientHeight ?? 400) / 32) - 3);
    const act: Record<string, () => void> = {
      ArrowDown: () => move(active.value + 1, event.shiftKey),
      ArrowUp: () => move(active.value - 1, event.shiftKey),
      PageDown: () => move(active.value + page),
      PageUp: () => move(active.value - page),
      Home: () => move(0),
      End: () => move(Infinity),
      Enter: enter,
      ' ': () => mark(active.value, event.shiftKey),
      ArrowRight: () => box.current?.scrollBy({ left: 160 }),
      ArrowLeft: () => box.current?.scrollBy({ left: -160 }),
    };
    const handler = act[event.key];
    if (!handler) return;
    event.preventDefault();
    handler();
  };

  const total = SELECT_PX + widths.name + shown.reduce((sum, c) => sum + c.width, 0);
  const drawn: number[] = [];
  if (model) for (let i = range[0]; i < Math.min(range[1], model.count); i++) drawn.push(i);
  const rowsActive = Math.min(active.value, Math.max(0, (model?.count ?? 1) - 1));
  return (
    <div
      ref={box}
      class={`grid ${stale.value ? 'grid-stale' : ''}`}
      role={grouped ? 'treegrid' : 'grid'}
      aria-label={t('runs.title')}
      aria-multiselectable="true"
      aria-rowcount={(model?.count ?? 0) + 2}
      aria-colcount={shown.length + 2}
      aria-busy={stale.value}
      aria-activedescendant={focused && drawn.includes(rowsActive) ? `row-${rowsActive}` : undefined}
      tabIndex={0}
      onScroll={measure}
      onKeyDown={onKeyDown}
      onFocus={() => setFocused(true)}
      onBlur={() => setFocused(false)}
    >
      <div class="grid-sheet" style={{ minInlineSize: `${total}px`, gridTemplateColumns: widths.template }}>
        <Head refTo={head} columns={shown} lefts={widths.lefts} template={widths.template} model={model} styles={styles} />
        <div class="grid-body" role="rowgroup" style={{ blockSize: `${model?.height ?? 0}px` }}>
          {model &&
            drawn.map((index) => (
              <Row
                key={index}
                index={index}
                row={model.rowAt(index)}
                top={model.topOf(index)}
                columns={shown}
                lefts={widths.lefts}
                template={widths.template}
                styles={styles}
                isActive={index === rowsActive}
                onMark={(extend) => {
                  active.value = index;
                  mark(index, extend);
                }}
                onChoose={() => (active.value = index)}
              />
            ))}
        </div>
      </div>
    </div>
  );
}

/** Where the columns begin, for those that stay when the rest scrolls. */
function place(shown: Column[], narrow: boolean, grouped: boolean): { template: string; name: number; lefts: Map<string, number> } {
  const name = narrow ? NAME_NARROW_PX : grouped ? NAME_GROUPED_PX : NAME_PX;
  const lefts = new Map<string, number>();
  let left = SELECT_PX + name;
  for (const column of shown) {
    if (!column.pinned || narrow) continue;
    lefts.set(column.key, left);
    left += column.width;
  }
  return { template: `${SELECT_PX}px ${name}px ${shown.map((c) => `${c.width}px`).join(' ')} minmax(0, 1fr)`, name, lefts };
}

interface RowProps {
  index: number;
  row: RowView;
  top: number;
  columns: Column[];
  lefts: Map<string, number>;
  template: string;
  styles: Map<string, Style>;
  isActive: boolean;
  onMark(extend: boolean): void;
  onChoose(): void;
}

function Row(props: RowProps) {
  const { row, index, isActive, top, template } = props;
  const style = { transform: `translateY(${top}px)`, gridTemplateColumns: template };
  const common = { id: `row-${index}`, role: 'row', 'aria-rowindex': index + 3, style, onPointerDown: props.onChoose } as const;
  if (row.kind === 'group') {
    return (
      <div {...common} class={`grid-row grid-group ${isActive ? 'active' : ''}`} aria-level={1} aria-expanded={row.opened} onClick={() => toggleGroup(row.group)}>
        <div role="gridcell" aria-colindex={1} class="grid-cell stick stick-select">
          <UiIcon name={row.opened ? 'down' : 'right'} />
        </div>
        <div role="gridcell" aria-colindex={2} class="grid-cell stick stick-name group-name" title={groupTitle(row.group)}>
          <span class="spread">
            <b>{groupTitle(row.group)}</b>
            <small>{t('runs.count', { count: row.group.count })}</small>
          </span>
        </div>
        {props.columns.map((column, i) => (
          <Cell key={column.key} column={column} at={i + 3} left={props.lefts.get(column.key)} right={column.group === 'metrics'}>
            <GroupCell column={column} group={row.group} style={props.styles.get(column.key) as Style} />
          </Cell>
        ))}
      </div>
    );
  }
  const { run } = row;
  if (!run) {
    return (
      <div {...common} class="grid-row grid-wait" aria-busy="true">
        <div role="gridcell" class="grid-cell stick stick-select" />
        <div role="gridcell" class="grid-cell stick stick-name">
          <span class="ghost" />
        </div>
      </div>
    );
  }
  const chosen = selected.value.has(run.id);
  return (
    <div {...common} class={`grid-row ${isActive ? 'active' : ''} ${chosen ? 'chosen' : ''}`} aria-selected={chosen}>
      <div
        role="gridcell"
        aria-colindex={1}
        class="grid-cell stick stick-select"
        onClick={(event) => {
          event.preventDefault();
          props.onMark(event.shiftKey);
        }}
      >
        <input type="checkbox" tabIndex={-1} checked={chosen} aria-label={t('runs.select.one', { name: run.name })} />
      </div>
      <div role="gridcell" aria-colindex={2} class="grid-cell stick stick-name">
        <a href={runPath(run.id)} tabIndex={-1} title={run.name}>
          {run.name}
        </a>
      </div>
      {props.columns.map((column, i) => {
        const style = props.styles.get(column.key) as Style;
        return (
          <Cell key={column.key} column={column} at={i + 3} left={props.lefts.get(column.key)} right={style.right}>
            <CellValue column={column} run={run} style={style} />
          </Cell>
        );
      })}
    </div>
  );
}

function Cell(props: { column: Column; at: number; left: number | undefined; right: boolean; children: preact.ComponentChildren }) {
  return (
    <div
      role="gridcell"
      aria-colindex={props.at}
      class={`grid-cell ${props.right ? 'right' : ''} ${props.left === undefined ? '' : 'stick'}`}
      style={props.left === undefined ? undefined : { insetInlineStart: `${props.left}px` }}
    >
      {props.children}
    </div>
  );
}

