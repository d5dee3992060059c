/** Asks the server's public API. */

/** What the server said when it refused; `remedy` is what to do about it. */
export class Refusal extends Error {
  constructor(
    readonly status: number,
    readonly what: string,
    readonly remedy: string | null,
  ) {
    super(what);
  }
}

export interface Ask {
  method?: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  body?: unknown;
  signal?: AbortSignal;
}

/** The server's answer as JSON of unknown shape; null where it answers nothing. */
export async function server(path: string, { method, body, signal }: Ask = {}): Promise<unknown> {
  const answer = await fetch(path, {
    method: method ?? (body === undefined ? 'GET' : 'POST'),
    headers: body === undefined ? { accept: 'application/json' } : { accept: 'application/json', 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    ...(signal ? { signal } : {}),
  });
  const text = await answer.text();
  if (!answer.ok) throw refusalOf(text, answer.status);
  return text === '' ? null : (JSON.parse(text) as unknown);
}

/** The words of a problem document (RFC 9457), of MLflow's errors, or the bare status. */
export function refusalOf(body: string, status: number): Refusal {
  try {
    const problem = JSON.parse(body) as Record<string, unknown>;
    const word = (name: string) => (typeof problem[name] === 'string' && problem[name] !== '' ? (problem[name] as string) : null);
    const what = word('detail') ?? word('title') ?? word('message');
    if (what) return new Refusal(status, what, word('remedy'));
  } catch {
    // Not a problem document; the status says enough.
  }
  return new Refusal(status, `HTTP ${status}`, null);
}

/** A call that its page gave up on is no failure. */
export function isAborted(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'AbortError';
}
