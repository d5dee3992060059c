/** Keeps a page's picture of the server fresh: polling, hastened by the server's events where they work. */

export type Status = 'connecting' | 'ok' | 'lost' | 'refused';

export interface LinkState {
  status: Status;
  /** The event stream is open. */
  streaming: boolean;
  /** When the server last answered, milliseconds of the real clock. */
  seenAt: number | null;
  /** What the server said when it refused. */
  problem: string | null;
}

/** What the link needs of a browser, so that tests can give it another. */
export interface Surroundings {
  fetch(url: string, init: { signal: AbortSignal; headers: Record<string, string> }): Promise<Answer>;
  events(url: string): Events | null;
  now(): number;
  hidden(): boolean;
  onVisible(listener: () => void): () => void;
}

export interface Answer {
  ok: boolean;
  status: number;
  text(): Promise<string>;
}

export interface Events {
  addEventListener(type: string, listener: () => void): void;
  readonly readyState: number;
  close(): void;
}

const POLL_MS = 2_000;
const POLL_STREAMING_MS = 15_000;
const GAP_MS = 500;
const DEADLINE_MS = 10_000;
const REOPEN_MS = 30_000;
const CLOSED = 2;

/** Follows the overview until the returned function is called. `onBody` hears of a body only when it changed. */
export function follow(
  around: Surroundings,
  onBody: (json: unknown) => void,
  onState: (state: LinkState) => void,
): () => void {
  let state: LinkState = { status: 'connecting', streaming: false, seenAt: null, problem: null };
  let lastBody = '';
  let lastStart = -Infinity;
  let running: AbortController | null = null;
  let again = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let events: Events | null = null;
  let reopenAt = 0;
  let stopped = false;

  const become = (change: Partial<LinkState>) => {
    state = { ...state, ...change };
    if (!stopped) onState(state);
  };

  const schedule = (ms: number) => {
    clearTimeout(timer);
    if (!stopped) timer = setTimeout(() => void refresh(), ms);
  };

  const soon = () => {
    if (around.hidden()) return;
    if (running) again = true;
    else schedule(Math.max(0, lastStart + GAP_MS - around.now()));
  };

  const openEvents = () => {
    if (events || around.now() < reopenAt) return;
    reopenAt = around.now() + REOPEN_MS;
    events = around.events('/api/v1/events');
    events?.addEventListener('open', () => become({ streaming: true }));
    events?.addEventListener('overview', soon);
    events?.addEventListener('error', () => {
      become({ streaming: false });
      if (events?.readyState === CLOSED) {
        events.close();
        events = null;
      }
      soon();
    });
  };

  const refresh = async () => {
    if (stopped || around.hidden()) return;
    again = false;
    lastStart = around.now();
    const call = (running = new AbortController());
    const deadline = setTimeout(() => call.abort(), DEADLINE_MS);
    try {
      const answer = await around.fetch('/api/v1/overview', {
        signal: call.signal,
        headers: { accept: 'application/json' },
      });
      const body = await answer.text();
      if (stopped) return;
      if (!answer.ok) {
        become({ status: 'refused', problem: problemOf(body, answer.status), seenAt: around.now() });
      } else {
        take(body);
      }
    } catch {
      if (stopped) return;
      become({ status: 'lost', streaming: false });
    } finally {
      clearTimeout(deadline);
      running = null;
      if (again) soon();
      else schedule(state.streaming && state.status === 'ok' ? POLL_STREAMING_MS : POLL_MS);
    }
  };

  const take = (body: string) => {
    if (body !== lastBody) {
      let json: unknown;
      try {
        json = JSON.parse(body);
      } catch {
        become({ status: 'refused', problem: null, seenAt: around.now() });
        return;
      }
      lastBody = body;
      onBody(json);
    }
    become({ status: 'ok', problem: null, seenAt: around.now() });
    openEvents();
  };

  const forgetVisible = around.onVisible(soon);
  void refresh();
  return () => {
    stopped = true;
    clearTimeout(timer);
    running?.abort();
    events?.close();
    forgetVisible();
  };
}

/** The words of a problem document (RFC 9457), or the bare status. */
export function problemOf(body: string, status: number): string {
  try {
    const problem = JSON.parse(body) as { title?: unknown; detail?: unknown };
    const words = [problem.title, problem.detail].filter((w): w is string => typeof w === 'string' && w !== '');
    if (words.length > 0) return words.join(': ');
  } catch {
    // Not a problem document; the status says enough.
  }
  return `HTTP ${status}`;
}

export function browser(): Surroundings {
  return {
    fetch: (url, init) => fetch(url, init),
    events: (url) => (typeof EventSource === 'undefined' ? null : new EventSource(url)),
    now: () => Date.now(),
    hidden: () => document.hidden,
    onVisible: (listener) => {
      const heard = () => {
        if (!document.hidden) listener();
      };
      document.addEventListener('visibilitychange', heard);
      return () => document.removeEventListener('visibilitychange', heard);
    },
  };
}
