import { readRunsPage, type Run, type RunsPage } from './types';

/** Rows of one query, loaded page after page as far as they are looked at. */

export const PAGE = 200;
const PAGE_MAX = 1000;

export type Fetch = (limit: number, page: string | null, signal: AbortSignal) => Promise<unknown>;

export class Pager {
  runs: Run[] = [];
  /** How many there are; null until the server has said. */
  count: number | null = null;
  error: unknown = null;
  started = false;
  private next: string | null = null;
  private done = false;
  private wanted = 0;
  private running = false;
  private readonly stop = new AbortController();

  /** @param changed hears when there is something new to draw */
  constructor(
    private readonly fetchPage: Fetch,
    private readonly changed: (pager: Pager) => void,
  ) {}

  get busy(): boolean {
    return this.running;
  }

  /** Rows that there are, loaded or not. */
  get length(): number {
    return this.done ? this.runs.length : Math.max(this.count ?? 0, this.runs.length);
  }

  /** Sees to it that the rows before `end` get loaded. */
  want(end: number): void {
    this.wanted = Math.max(this.wanted, Math.min(end, this.count ?? end));
    if (!this.running && !this.done && this.error === null && this.runs.length < this.wanted) void this.load();
  }

  close(): void {
    this.stop.abort();
  }

  private async load(): Promise<void> {
    this.running = true;
    try {
      while (!this.done && this.runs.length < this.wanted && !this.stop.signal.aborted) {
        const missing = this.wanted - this.runs.length;
        const limit = missing <= PAGE ? PAGE : Math.min(PAGE_MAX, Math.ceil(missing / PAGE) * PAGE);
        const page: RunsPage = readRunsPage(await this.fetchPage(limit, this.next, this.stop.signal));
        if (this.stop.signal.aborted) return;
        this.runs.push(...page.runs);
        this.next = page.next;
        this.done = page.next === null || page.runs.length === 0;
        if (page.count !== null) this.count = page.count;
        this.started = true;
        this.changed(this);
      }
    } catch (error) {
      if (this.stop.signal.aborted) return;
      this.error = error;
      this.started = true;
      this.changed(this);
    } finally {
      this.running = false;
    }
  }
}
