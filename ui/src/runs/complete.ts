import { ATTRIBUTES, fieldOf, tokens, writeKey, writeText, type Field, type Token } from './filter';
import { RUN_STATES, type ColumnNames } from './types';

/** What could come next in a filter, at the place where the reader types. */

export interface Suggestion {
  kind: 'field' | 'operator' | 'value' | 'connector';
  /** What the list shows. */
  label: string;
  /** What replaces the text from `from` to `to`. */
  insert: string;
  from: number;
  to: number;
}

export interface Vocabulary extends ColumnNames {
  /** Values seen of a parameter or tag, the most frequent first. */
  values(entity: string, name: string): string[];
}

const SHOWN_MAX = 12;
const NUMBER_OPS = ['>', '>=', '<', '<=', '=', '!='];
const TEXT_OPS = ['=', '!=', 'LIKE', 'ILIKE', 'IN', 'NOT IN'];

type Expected = { what: 'field' } | { what: 'operator'; field: Field | null } | { what: 'value'; field: Field | null; listed: boolean } | { what: 'open'; field: Field | null } | { what: 'connector' } | { what: 'listEnd'; field: Field | null };

export function complete(source: string, cursor: number, words: Vocabulary): Suggestion[] {
  const before = tokens(source.slice(0, cursor));
  const last = before.at(-1);
  const touching = last && last.end === cursor && !/\s$/.test(source.slice(0, cursor)) && ['key', 'word', 'string', 'broken', 'number'].includes(last.kind);
  const done = touching ? before.slice(0, -1) : before;
  const prefix = touching ? last.text : last?.kind === 'op' && last.end === cursor && /[A-Za-z]$/.test(last.text) ? last.text : '';
  const settled = prefix !== '' && !touching ? before.slice(0, -1) : done;
  const expected = expectedAfter(settled);
  const from = prefix === '' ? cursor : cursor - prefix.length;
  const to = endOf(source, cursor, touching ? last : undefined);
  const make = (kind: Suggestion['kind'], label: string, insert = label): Suggestion => ({ kind, label, insert, from, to });

  switch (expected.what) {
    case 'field':
      return rank(fields(words), prefix).map((label) => make('field', label));
    case 'operator':
      return rank(expected.field?.numeric ? NUMBER_OPS : TEXT_OPS, prefix).map((op) => make('operator', op, op.endsWith('IN') ? `${op} (` : op));
    case 'open':
      return [make('operator', '(')];
    case 'value':
      return rank(values(expected.field, words), prefix.replace(/^['"]/, '')).map((value) => make('value', value, expected.field?.numeric ? value : writeText(value)));
    case 'listEnd':
      return [make('connector', ','), make('connector', ')')];
    case 'connector':
      return rank(['AND', 'OR'], prefix).map((word) => make('connector', word));
  }
}

function endOf(source: string, cursor: number, touching: Token | undefined): number {
  if (!touching) return cursor;
  const rest = /^[\w.\-/`]*/.exec(source.slice(cursor))?.[0].length ?? 0;
  return cursor + rest;
}

function expectedAfter(done: Token[]): Expected {
  let expected: Expected = { what: 'field' };
  let field: Field | null = null;
  let listing = false;
  for (const token of done) {
    const word = token.text.toLowerCase();
    if (expected.what === 'field') {
      if (token.kind === 'open' || (token.kind === 'word' && (word === 'not' || word === 'and' || word === 'or'))) continue;
      field = fieldOf(token.text);
      expected = { what: 'operator', field };
    } else if (expected.what === 'operator') {
      if (token.kind === 'word' && word === 'not') continue;
      listing = word === 'in';
      expected = listing ? { what: 'open', field } : { what: 'value', field, listed: false };
    } else if (expected.what === 'open') {
      expected = { what: 'value', field, listed: true };
    } else if (expected.what === 'value') {
      expected = listing ? { what: 'listEnd', field } : { what: 'connector' };
    } else if (expected.what === 'listEnd') {
      if (token.kind === 'comma') expected = { what: 'value', field, listed: true };
      else {
        listing = false;
        expected = { what: 'connector' };
      }
    } else if (token.kind === 'word' && (word === 'and' || word === 'or')) {
      expected = { what: 'field' };
    }
  }
  return expected;
}

function fields(words: Vocabulary): string[] {
  return [
    ...words.metrics.map((m) => writeKey('metrics', m)),
    ...words.params.map((p) => writeKey('params', p)),
    ...Object.keys(ATTRIBUTES).map((a) => `attributes.${a}`),
    ...words.tags.map((each) => writeKey('tags', each)),
  ];
}

function values(field: Field | null, words: Vocabulary): string[] {
  if (!field || field.entity === 'metrics') return [];
  if (field.entity === 'attributes') return field.name === 'status' ? [...RUN_STATES] : [];
  return words.values(field.entity, field.name);
}

/** Those that begin with the prefix, or a part of whose name does, then those that hold it. */
function rank(all: string[], prefix: string): string[] {
  const wanted = prefix.toLowerCase();
  if (wanted === '') return all.slice(0, SHOWN_MAX);
  const scored: { text: string; score: number }[] = [];
  for (const text of all) {
    const low = text.toLowerCase();
    const at = low.indexOf(wanted);
    if (at < 0) continue;
    const score = at === 0 ? 0 : /[._\-/`]/.test(low[at - 1] ?? '') ? 1 : 2;
    scored.push({ text, score });
  }
  scored.sort((a, b) => a.score - b.score);
  const found = scored.slice(0, SHOWN_MAX).map((s) => s.text);
  return found.length === 1 && found[0]?.toLowerCase() === wanted ? [] : found;
}
