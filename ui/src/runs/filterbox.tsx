import { useEffect, useId, useMemo, useRef, useState } from 'preact/hooks';
import { t } from '../i18n';
import { onKeys } from '../keys';
import { UiIcon } from '../parts/icons';
import { ask } from '../router';
import { Refusal } from '../server';
import { complete, type Suggestion } from './complete';
import { check, toQuery, type FilterFault } from './filter';
import { fault, names, query, refusal, valuesSeen } from './state';

const SETTLE_MS = 220;

/** The box in which runs are filtered: it proposes what could come next, and says where something is wrong. */
export function FilterBox() {
  const [text, setText] = useState(query.value);
  const [cursor, setCursor] = useState(0);
  const [open, setOpen] = useState(false);
  const [at, setAt] = useState(-1);
  const [typing, setTyping] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  const list = useRef<HTMLUListElement>(null);
  const sent = useRef(query.value);
  const id = useId();

  // An address that changed elsewhere (back, a link) is what the box shows.
  useEffect(() => {
    if (query.value !== sent.current) {
      sent.current = query.value;
      setText(query.value);
    }
  }, [query.value]);

  const send = (value: string) => {
    sent.current = value.trim();
    ask({ q: sent.current || null });
  };
  useEffect(() => {
    if (text.trim() === sent.current) return;
    const wrong = check(toQuery(text).filter);
    if (wrong) return;
    const timer = setTimeout(() => send(text), SETTLE_MS);
    return () => clearTimeout(timer);
  }, [text]);

  useEffect(
    () =>
      onKeys({
        '/': () => {
          input.current?.focus();
          input.current?.select();
        },
      }),
    [],
  );

  const words = names.value;
  const proposed = useMemo<Suggestion[]>(
    () => (open && words ? complete(text, cursor, { ...words, values: valuesSeen }) : []),
    [open, words, text, cursor],
  );
  const shown = open && proposed.length > 0;
  const take = (suggestion: Suggestion) => {
    const rest = text.slice(suggestion.to);
    const gap = suggestion.insert.endsWith('(') || rest.startsWith(' ') ? '' : ' ';
    const next = text.slice(0, suggestion.from) + suggestion.insert + gap + rest;
    const place = suggestion.from + suggestion.insert.length + (gap || rest.startsWith(' ') ? 1 : 0);
    setText(next);
    setCursor(place);
    setAt(-1);
    setTyping(true);
    // At once, so that what is typed next stands after it.
    if (input.current) {
      input.current.value = next;
      input.current.focus();
      input.current.setSelectionRange(place, place);
    }
  };
  const move = (by: number) => {
    const next = at < 0 ? (by > 0 ? 0 : proposed.length - 1) : (at + by + proposed.length) % proposed.length;
    setAt(next);
    list.current?.children[next]?.scrollIntoView({ block: 'nearest' });
  };
  const looked = (element: HTMLInputElement) => setCursor(element.selectionStart ?? element.value.length);

  const { named } = toQuery(text);
  const local = check(toQuery(text).filter);
  // Whoever is still typing at the end has made no mistake yet.
  const unfinished = local !== null && typing && local.at >= text.trimEnd().length;
  return (
    <div class="filter">
      <div class={`filter-box ${local && !unfinished ? 'filter-wrong' : ''}`}>
        <UiIcon name="search" />
        <input
          ref={input}
          type="text"
          role="combobox"
          class="filter-input"
          aria-label={t('runs.filter.label')}
          aria-expanded={shown}
          aria-controls={`${id}-list`}
          aria-activedescendant={shown && at >= 0 ? `${id}-${at}` : undefined}
          aria-autocomplete="list"
          aria-describedby={`${id}-says`}
          aria-invalid={local !== null && !unfinished}
          placeholder={t('runs.filter.hint')}
          autocomplete="off"
          autocapitalize="off"
          spellcheck={false}
          value={text}
          onInput={(event) => {
            setText(event.currentTarget.value);
            looked(event.currentTarget);
            setOpen(true);
            setAt(-1);
            setTyping(true);
          }}
          onFocus={(event) => looked(event.currentTarget)}
          onClick={(event) => {
            looked(event.currentTarget);
            setOpen(true);
          }}
          onKeyUp={(event) => {
            if (['ArrowLeft', 'ArrowRight', 'Home', 'End'].includes(event.key)) looked(event.currentTarget);
          }}
          onBlur={() => {
            setOpen(false);
            setTyping(false);
          }}
          onKeyDown={(event) => {
            if (event.isComposing) return;
            if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
              event.preventDefault();
              if (!shown) setOpen(true);
              else move(event.key === 'ArrowDown' ? 1 : -1);
            } else if ((event.key === 'Enter' || event.key === 'Tab') && shown && at >= 0) {
              event.preventDefault();
              take(proposed[at] as Suggestion);
            } else if (event.key === 'Tab' && shown && !event.shiftKey && cursorInWord(text, cursor)) {
              event.preventDefault();
              take(proposed[0] as Suggestion);
            } else if (event.key === 'Enter') {
              setOpen(false);
              setTyping(false);
              if (!local) send(text);
            } else if (event.key === 'Escape') {
              event.stopPropagation();
              if (shown) setOpen(false);
              else input.current?.blur();
            }
          }}
        />
        {text !== '' && (
          <button
            type="button"
            class="bare"
            aria-label={t('runs.filter.clear')}
            onClick={() => {
              setText('');
              send('');
              input.current?.focus();
            }}
          >
            <UiIcon name="cross" />
          </button>
        )}
        {shown && (
          <ul ref={list} class="pop filter-list" role="listbox" id={`${id}-list`} aria-label={t('runs.filter.proposed')}>
            {proposed.map((suggestion, i) => (
              <li
                key={suggestion.label}
                id={`${id}-${i}`}
                role="option"
                aria-selected={i === at}
                class={i === at ? 'chosen' : ''}
                onMouseDown={(event) => {
                  event.preventDefault();
                  take(suggestion);
                }}
              >
                <code>{suggestion.label}</code>
                <span class="muted">{kindWord(suggestion)}</span>
              </li>
            ))}
          </ul>
        )}
      </div>
      <div class="filter-says" id={`${id}-says`} aria-live="polite">
        <Says text={text} local={local} unfinished={unfinished} named={named} />
      </div>
    </div>
  );
}

function cursorInWord(text: string, cursor: number): boolean {
  return cursor > 0 && !/\s/.test(text[cursor - 1] ?? ' ');
}

function kindWord(suggestion: Suggestion): string {
  switch (suggestion.kind) {
    case 'field':
      return suggestion.label.startsWith('metrics')
        ? t('runs.kind.metric')
        : suggestion.label.startsWith('params')
          ? t('runs.kind.param')
          : suggestion.label.startsWith('tags')
            ? t('runs.kind.tag')
            : t('runs.kind.attribute');
    case 'operator':
      return t('runs.kind.operator');
    case 'value':
      return t('runs.kind.value');
    case 'connector':
      return t('runs.kind.connector');
  }
}

/** One line below the box, always there, so that nothing moves when it speaks. */
function Says(props: { text: string; local: FilterFault | null; unfinished: boolean; named: string | null }) {
  const { text, local, unfinished, named } = props;
  if (local) {
    const source = toQuery(text).filter;
    return (
      <p class={unfinished ? 'muted' : 'filter-fault'}>
        {!unfinished && local.found !== '' && (
          <code class="filter-where">
            {clip(source.slice(0, local.at), true)}
            <mark>{source.slice(local.at, local.end)}</mark>
            {clip(source.slice(local.end), false)}
          </code>
        )}{' '}
        {faultWords(local)}
      </p>
    );
  }
  if (refusal.value instanceof Refusal && fault.value === null && text.trim() === query.value && refusal.value.status < 500) {
    return (
      <p class="filter-fault" lang="en">
        {refusal.value.what}
        {refusal.value.remedy ? `. ${refusal.value.remedy}` : ''}
      </p>
    );
  }
  if (named !== null) return <p class="muted">{t('runs.filter.named', { words: named })}</p>;
  return <p class="muted filter-idle">{t('runs.filter.example')}</p>;
}

function clip(text: string, end: boolean): string {
  const most = 18;
  return text.length <= most ? text : end ? `…${text.slice(-most)}` : `${text.slice(0, most)}…`;
}

function faultWords(wrong: FilterFault): string {
  switch (wrong.code) {
    case 'field':
      return t('filter.field');
    case 'unknown':
      return wrong.near ? t('filter.unknown.near', { found: wrong.found, near: wrong.near }) : t('filter.unknown', { found: wrong.found });
    case 'operator':
      return t('filter.operator');
    case 'value':
      return t('filter.value');
    case 'number':
      return t('filter.number');
    case 'text':
      return t('filter.text');
    case 'connector':
      return t('filter.connector');
    case 'close':
      return t('filter.close');
    case 'open':
      return t('filter.open');
    case 'quote':
      return t('filter.quote');
    case 'sign':
      return t('filter.sign', { found: wrong.found });
  }
}
