import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { follow, problemOf, type Answer, type LinkState, type Surroundings } from '../src/overview/link';

class FakeEvents {
  readyState = 1;
  private listeners = new Map<string, (() => void)[]>();

  addEventListener(type: string, listener: () => void) {
    this.listeners.set(type, [...(this.listeners.get(type) ?? []), listener]);
  }

  fire(type: string) {
    for (const listener of this.listeners.get(type) ?? []) listener();
  }

  close() {
    this.readyState = 2;
  }
}

function setUp(answer: () => Answer | Error) {
  const bodies: unknown[] = [];
  const states: LinkState[] = [];
  const streams: FakeEvents[] = [];
  const world = { calls: 0, hidden: false, visible: () => {} };
  const around: Surroundings = {
    fetch: async () => {
      world.calls++;
      const given = answer();
      if (given instanceof Error) throw given;
      return given;
    },
    events: () => {
      const stream = new FakeEvents();
      streams.push(stream);
      return stream;
    },
    now: () => Date.now(),
    hidden: () => world.hidden,
    onVisible: (listener) => {
      world.visible = listener;
      return () => {};
    },
  };
  const stop = follow(around, (b) => bodies.push(b), (s) => states.push(s));
  return { bodies, states, streams, world, stop, last: () => states.at(-1) };
}

const ok = (body: string): Answer => ({ ok: true, status: 200, text: async () => body });
const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

beforeEach(() => void vi.useFakeTimers({ now: 1_000_000 }));
afterEach(() => void vi.useRealTimers());

describe('follow', () => {
  it('polls every two seconds and passes a body on only when it changed', async () => {
    let body = '{"a":1}';
    const t = setUp(() => ok(body));
    await pass(0);
    expect(t.bodies).toEqual([{ a: 1 }]);
    await pass(4_000);
    expect(t.world.calls).toBe(3);
    expect(t.bodies).toHaveLength(1);
    body = '{"a":2}';
    await pass(2_000);
    expect(t.bodies).toEqual([{ a: 1 }, { a: 2 }]);
    t.stop();
    await pass(60_000);
    expect(t.world.calls).toBe(4);
  });

  it('fetches on an event, many events at once but twice a second at most, and polls seldom while they flow', async () => {
    const t = setUp(() => ok('{}'));
    await pass(0);
    t.streams[0]?.fire('open');
    await pass(2_600);
    expect(t.last()?.streaming).toBe(true);
    const before = t.world.calls;
    for (let i = 0; i < 50; i++) t.streams[0]?.fire('overview');
    await pass(0);
    for (let i = 0; i < 50; i++) t.streams[0]?.fire('overview');
    await pass(600);
    expect(t.world.calls - before).toBe(2);
    await pass(10_000);
    expect(t.world.calls - before).toBe(2);
    await pass(6_000);
    expect(t.world.calls - before).toBe(3);
    t.stop();
  });

  it('goes back to polling when the stream closes, and opens it again half a minute later', async () => {
    const t = setUp(() => ok('{}'));
    await pass(0);
    const stream = t.streams[0];
    stream?.fire('open');
    if (stream) stream.readyState = 2;
    stream?.fire('error');
    expect(t.last()?.streaming).toBe(false);
    const before = t.world.calls;
    await pass(10_000);
    expect(t.world.calls - before).toBeGreaterThanOrEqual(4);
    expect(t.streams).toHaveLength(1);
    await pass(25_000);
    expect(t.streams).toHaveLength(2);
    t.stop();
  });

  it('says when the server is lost, keeps trying, and says when it is back', async () => {
    let up = true;
    const t = setUp(() => (up ? ok('{}') : new Error('refused')));
    await pass(0);
    up = false;
    await pass(2_000);
    expect(t.last()).toMatchObject({ status: 'lost', streaming: false, seenAt: 1_000_000 });
    await pass(10_000);
    up = true;
    await pass(2_000);
    expect(t.last()?.status).toBe('ok');
    t.stop();
  });

  it('passes on why a server refuses, and takes what is no JSON for a refusal', async () => {
    let answer: Answer = { ok: false, status: 503, text: async () => '{"title":"Full","detail":"Free some space."}' };
    const t = setUp(() => answer);
    await pass(0);
    expect(t.last()).toMatchObject({ status: 'refused', problem: 'Full: Free some space.' });
    answer = ok('<html>');
    await pass(2_000);
    expect(t.last()).toMatchObject({ status: 'refused', problem: null });
    expect(t.bodies).toEqual([]);
    t.stop();
  });

  it('rests while nobody looks', async () => {
    const t = setUp(() => ok('{}'));
    await pass(0);
    t.world.hidden = true;
    await pass(60_000);
    expect(t.world.calls).toBe(1);
    t.world.hidden = false;
    t.world.visible();
    await pass(0);
    expect(t.world.calls).toBe(2);
    t.stop();
  });
});

describe('problemOf', () => {
  it('is the words of the problem, or the status', () => {
    expect(problemOf('{"title":"Denied"}', 403)).toBe('Denied');
    expect(problemOf('no', 502)).toBe('HTTP 502');
    expect(problemOf('null', 500)).toBe('HTTP 500');
  });
});
