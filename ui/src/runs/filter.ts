/**
 * The filter language as the box needs it: where its words stand, what is wrong with them, and what could come next.
 * The server has the last word; this answers at once, in place and in the reader's language.
 */

export type TokenKind = 'key' | 'op' | 'string' | 'number' | 'word' | 'open' | 'close' | 'comma' | 'broken';

export interface Token {
  kind: TokenKind;
  text: string;
  at: number;
  end: number;
}

const ENTITIES: Record<string, 'metrics' | 'params' | 'tags' | 'attributes' | 'datasets'> = {
  metrics: 'metrics',
  metric: 'metrics',
  params: 'params',
  param: 'params',
  parameters: 'params',
  parameter: 'params',
  tags: 'tags',
  tag: 'tags',
  attributes: 'attributes',
  attribute: 'attributes',
  attr: 'attributes',
  run: 'attributes',
  datasets: 'datasets',
  dataset: 'datasets',
};

/** What can be asked of a run itself; true: a number. */
export const ATTRIBUTES: Record<string, boolean> = {
  status: false,
  run_name: false,
  run_id: false,
  user_id: false,
  experiment_id: false,
  start_time: true,
  end_time: true,
  duration: true,
};
const ATTRIBUTE_ALIASES: Record<string, boolean> = {
  name: false,
  id: false,
  user: false,
  experiment: false,
  created: true,
  started_at: true,
  ended_at: true,
};

const WORD = /[A-Za-z_]/;
const OPS = ['<=', '>=', '!=', '<>', '==', '=', '<', '>'];
const COMPARES = new Set(['like', 'ilike', 'in']);

export function tokens(source: string): Token[] {
  const found: Token[] = [];
  let i = 0;
  const push = (kind: TokenKind, end: number) => {
    found.push({ kind, text: source.slice(i, end), at: i, end });
    i = end;
  };
  while (i < source.length) {
    const c = source[i] as string;
    if (/\s/.test(c)) {
      i++;
    } else if (c === '(') push('open', i + 1);
    else if (c === ')') push('close', i + 1);
    else if (c === ',') push('comma', i + 1);
    else if (c === "'" || c === '"') {
      const end = closing(source, i, c);
      push(end < 0 ? 'broken' : 'string', end < 0 ? source.length : end);
    } else if (/[\d]/.test(c) || (/[-+.]/.test(c) && /[\d.]/.test(source[i + 1] ?? ''))) {
      const match = /^[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?/.exec(source.slice(i));
      push('number', i + (match?.[0].length ?? 1));
    } else if (WORD.test(c) || c === '`') {
      push(...keyOrWord(source, i));
    } else {
      const op = OPS.find((each) => source.startsWith(each, i));
      push(op ? 'op' : 'broken', i + (op?.length ?? 1));
    }
  }
  return found;
}

function closing(source: string, at: number, quote: string): number {
  for (let i = at + 1; i < source.length; i++) {
    if (source[i] !== quote) continue;
    if (source[i + 1] === quote) i++;
    else return i + 1;
  }
  return -1;
}

function keyOrWord(source: string, at: number): [TokenKind, number] {
  let i = at;
  let dotted = false;
  while (i < source.length) {
    const c = source[i] as string;
    if (c === '`' || ((c === '"' || c === "'") && source[i - 1] === '.')) {
      const end = closing(source, i, c);
      if (end < 0) return ['broken', source.length];
      i = end;
    } else if (/[\w\-/:]/.test(c)) i++;
    else if (c === '.') {
      dotted = true;
      i++;
    } else break;
  }
  const text = source.slice(at, i).toLowerCase();
  if (dotted || text.startsWith('`')) return ['key', i];
  return [COMPARES.has(text) ? 'op' : 'word', i];
}

export interface Field {
  entity: 'metrics' | 'params' | 'tags' | 'attributes' | 'datasets';
  name: string;
  numeric: boolean;
}

/** What a written key means; null if it means nothing. */
export function fieldOf(written: string): Field | null {
  const dot = written.indexOf('.');
  const bare = (text: string) => text.replace(/^([`"'])(.*)\1$/s, '$2');
  if (dot < 0) {
    const own = bare(written);
    const numeric = ATTRIBUTES[own] ?? ATTRIBUTE_ALIASES[own];
    return numeric === undefined ? null : { entity: 'attributes', name: own, numeric };
  }
  const entity = ENTITIES[written.slice(0, dot).toLowerCase()];
  const own = bare(written.slice(dot + 1));
  if (!entity || own === '') return null;
  if (entity === 'attributes') {
    const numeric = ATTRIBUTES[own] ?? ATTRIBUTE_ALIASES[own];
    return numeric === undefined ? null : { entity, name: own, numeric };
  }
  return { entity, name: own, numeric: entity === 'metrics' };
}

/** A key as the language wants it written: quoted when it is more than plain words. */
export function writeKey(entity: string, own: string): string {
  return `${entity}.${/^[A-Za-z_]\w*(?:[.]\w+)*$/.test(own) ? own : own.includes('`') ? `"${own}"` : `\`${own}\``}`;
}

export function writeText(value: string): string {
  return `'${value.replaceAll("'", "''")}'`;
}

export type FaultCode = 'field' | 'unknown' | 'operator' | 'value' | 'number' | 'text' | 'connector' | 'close' | 'open' | 'quote' | 'sign';

export interface FilterFault {
  code: FaultCode;
  at: number;
  end: number;
  /** What was found there; empty at the end. */
  found: string;
  near: string | null;
}

/** The first thing wrong with a filter, or null. */
export function check(source: string): FilterFault | null {
  const all = tokens(source);
  let i = 0;
  const peek = () => all[i];
  const fault = (code: FaultCode, token = peek(), near: string | null = null): FilterFault => ({
    code,
    at: token?.at ?? source.length,
    end: token?.end ?? source.length,
    found: token?.text ?? '',
    near,
  });
  const isWord = (word: string) => peek()?.kind === 'word' && peek()?.text.toLowerCase() === word;

  const either = (): FilterFault | null => {
    for (;;) {
      const wrong = one();
      if (wrong) return wrong;
      if (!isWord('and') && !isWord('or')) return null;
      i++;
    }
  };
  const one = (): FilterFault | null => {
    const token = peek();
    if (!token) return fault('field');
    if (isWord('not')) {
      i++;
      return one();
    }
    if (token.kind === 'open') {
      i++;
      const wrong = either();
      if (wrong) return wrong;
      if (peek()?.kind !== 'close') return fault(peek() ? 'connector' : 'close');
      i++;
      return null;
    }
    return comparison(token);
  };
  const comparison = (key: Token): FilterFault | null => {
    if (key.kind === 'broken') return fault(/^[`'"]|[`'"]/.test(key.text) ? 'quote' : 'sign');
    if (key.kind !== 'key' && key.kind !== 'word') return fault('field');
    const field = fieldOf(key.text);
    if (!field) return fault('unknown', key, nearest(key.text));
    i++;
    const op = peek();
    const negated = isWord('not');
    if (negated) i++;
    const compare = peek();
    if (compare?.kind !== 'op') return fault('operator', negated ? compare : op);
    i++;
    const name = compare.text.toLowerCase();
    return name === 'in' ? many(field) : value(field);
  };
  const many = (field: Field): FilterFault | null => {
    if (peek()?.kind !== 'open') return fault('open');
    do {
      i++;
      const wrong = value(field);
      if (wrong) return wrong;
    } while (peek()?.kind === 'comma');
    if (peek()?.kind !== 'close') return fault('close');
    i++;
    return null;
  };
  const value = (field: Field): FilterFault | null => {
    const token = peek();
    if (!token) return fault('value');
    if (token.kind === 'broken') return fault(/^['"]/.test(token.text) ? 'quote' : 'sign');
    if (token.kind !== 'string' && token.kind !== 'number') return fault(field.numeric ? 'number' : 'text');
    if (field.entity === 'metrics' && token.kind !== 'number') return fault('number');
    i++;
    return null;
  };

  if (all.length === 0) return null;
  const wrong = either();
  if (wrong) return wrong;
  return i < all.length ? fault(peek()?.kind === 'broken' ? 'sign' : 'connector') : null;
}

/** The known entity or attribute that a misspelt key is nearest to. */
export function nearest(written: string): string | null {
  const dot = written.indexOf('.');
  const start = (dot < 0 ? written : written.slice(0, dot)).toLowerCase();
  const known = dot < 0 ? [...Object.keys(ATTRIBUTES)] : ['metrics', 'params', 'tags', 'attributes', 'datasets'];
  if (dot >= 0 && ENTITIES[start] === 'attributes') {
    const found = closest(written.slice(dot + 1).toLowerCase(), Object.keys(ATTRIBUTES));
    return found && `attributes.${found}`;
  }
  const found = closest(start, known);
  return found && found + (dot < 0 ? '' : written.slice(dot));
}

function closest(word: string, known: string[]): string | null {
  let best: string | null = null;
  let least = Math.max(2, Math.floor(word.length / 3)) + 1;
  for (const each of known) {
    const far = distance(word, each);
    if (far < least) {
      least = far;
      best = each;
    }
  }
  return best;
}

function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

/** Words without any comparison are looked for in the names of runs. */
export function toQuery(source: string): { filter: string; named: string | null } {
  const trimmed = source.trim();
  const all = tokens(trimmed);
  const plain = all.length > 0 && all.every((t) => t.kind === 'word' || t.kind === 'number' || (t.kind === 'key' && !fieldOf(t.text)));
  const words = all.map((t) => t.text.toLowerCase());
  if (!plain || words.some((w) => w === 'and' || w === 'or' || w === 'not') || fieldOf(trimmed)) return { filter: trimmed, named: null };
  return { filter: `attributes.run_name ILIKE ${writeText(`%${trimmed}%`)}`, named: trimmed };
}
