import { signal } from '@preact/signals';

/** Where the reader is. Every view is an address: filters, columns and the zoom of a page live in its query. */

export type Route =
  | { page: 'overview' }
  | { page: 'runs' }
  | { page: 'run'; id: string }
  | { page: 'compare' }
  | { page: 'models' }
  | { page: 'model'; name: string }
  | { page: 'deployments' }
  | { page: 'missing' };

export interface Place {
  path: string;
  query: URLSearchParams;
}

/** What a path asks for. A part that cannot be decoded is taken as it stands. */
export function routeOf(path: string): Route {
  const parts = path.split('/').filter((part) => part !== '').map(decoded);
  const [first, second] = parts;
  if (first === undefined || first === 'index.html' || (first === 'p' && parts.length <= 2)) return { page: 'overview' };
  if (parts.length > 2) return { page: 'missing' };
  if (first === 'runs') return second === undefined ? { page: 'runs' } : { page: 'run', id: second };
  if (first === 'models') return second === undefined ? { page: 'models' } : { page: 'model', name: second };
  if (first === 'compare' && second === undefined) return { page: 'compare' };
  if (first === 'deployments' && second === undefined) return { page: 'deployments' };
  return { page: 'missing' };
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

export const runPath = (id: string) => `/runs/${encodeURIComponent(id)}`;
export const modelPath = (name: string) => `/models/${encodeURIComponent(name)}`;
export const comparePath = (ids: readonly string[]) => `/compare?ids=${ids.map(encodeURIComponent).join(',')}`;

/** The runs that a comparison is of: of each only once, and no more than can be told apart. */
export const COMPARED_MAX = 100;
export function comparedIds(query: URLSearchParams): string[] {
  const ids = (query.get('ids') ?? '').split(',').filter((id) => id !== '');
  return [...new Set(ids)].slice(0, COMPARED_MAX);
}

/** The address here of a link that MLflow's clients print at the end of a run (`/#/experiments/1/runs/ID`); null if it is none. */
export function fromMlflow(hash: string): string | null {
  if (!hash.startsWith('#/')) return null;
  const [path = '', query = ''] = hash.slice(1).split('?', 2);
  const [first, second, third, fourth] = path.split('/').filter((part) => part !== '').map(decoded);
  if (first === 'models') {
    if (second === undefined) return '/models';
    return modelPath(second) + (third === 'versions' && fourth !== undefined && /^\d{1,9}$/.test(fourth) ? `?version=${fourth}` : '');
  }
  if (first === 'compare-runs') {
    const ids = (new URLSearchParams(query).get('runs') ?? '').match(/[0-9a-f]{32}/g) ?? [];
    return ids.length > 0 ? comparePath(ids) : '/runs';
  }
  if (first !== undefined && first !== 'experiments') return null;
  if (third === 'runs' && fourth !== undefined) return runPath(fourth);
  return second !== undefined && /^\d{1,19}$/.test(second) ? `/runs?experiment=${second}` : '/runs';
}

/** Follows such a link, if that is what the address holds. */
function followMlflow(): void {
  const url = location.pathname === '/' ? fromMlflow(location.hash) : null;
  if (url !== null) history.replaceState(history.state, '', url);
}

function here(): Place {
  if (typeof location !== 'undefined') followMlflow();
  return typeof location === 'undefined'
    ? { path: '/', query: new URLSearchParams() }
    : { path: location.pathname, query: new URLSearchParams(location.search) };
}

export const place = signal<Place>(here());

/** Goes to an address of the console. `replace` leaves no step behind, for what changes while one types. */
export function go(url: string, replace = false): void {
  const path = place.value.path;
  if (replace) history.replaceState(history.state, '', url);
  else history.pushState(null, '', url);
  place.value = here();
  if (!replace && place.value.path !== path) arrived();
}

/** Sets or, with null, removes parts of the query. */
export function ask(changes: Record<string, string | null>): void {
  const query = new URLSearchParams(place.value.query);
  for (const [name, value] of Object.entries(changes)) {
    if (value === null || value === '') query.delete(name);
    else query.set(name, value);
  }
  const text = query.toString();
  if (text === place.value.query.toString()) return;
  go(place.value.path + (text ? `?${text}` : ''), true);
}

/** A new page begins at its top, and the keyboard with it. */
function arrived(): void {
  scrollTo(0, 0);
  document.getElementById('content')?.focus({ preventScroll: true });
}

/** Makes ordinary links within the console change the page without loading it anew. */
export function followLinks(): void {
  addEventListener('popstate', () => {
    place.value = here();
  });
  document.addEventListener('click', (event) => {
    if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const link = (event.target as Element | null)?.closest?.('a[href]');
    if (!(link instanceof HTMLAnchorElement) || link.target || link.hasAttribute('download')) return;
    const url = new URL(link.href, location.href);
    if (url.origin !== location.origin || url.hash || routeOf(url.pathname).page === 'missing') return;
    event.preventDefault();
    go(url.pathname + url.search);
  });
}
