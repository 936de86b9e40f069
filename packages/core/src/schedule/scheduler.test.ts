import { setMaxListeners } from 'node:events';
import { setImmediate as turn } from 'node:timers/promises';
import { NODE_IDS, type NodeId } from '@turingpi/foundation';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ResourceRequest, Scheduler } from './scheduler.js';

const forever = new AbortController().signal;
setMaxListeners(0, forever);
const slot = (node: NodeId, remainingMs: number, board?: string): ResourceRequest => ({
  resource: 'slot',
  node,
  remainingMs,
  ...(board === undefined ? {} : { board }),
});

/** Lets everybody come, and notes in which order they got it. */
async function orderOf(scheduler: Scheduler, requests: readonly ResourceRequest[]): Promise<NodeId[]> {
  const order: NodeId[] = [];
  await Promise.all(
    requests.map(async (request) => {
      const giveBack = await scheduler.acquire(request, forever);
      order.push(request.node);
      await turn();
      giveBack();
    }),
  );
  return order;
}

describe('Scheduler', () => {
  it('lets the longest remaining way go first, and equal ones by their number', async () => {
    const requests = [slot(4, 10), slot(3, 50), slot(2, 10), slot(1, 30)];
    expect(await orderOf(new Scheduler(() => 1), requests)).toEqual([3, 1, 2, 4]);
  });

  it('gives out again what was given back, once', async () => {
    const scheduler = new Scheduler(() => 1);
    const first = await scheduler.acquire(slot(1, 1), forever);
    const second = scheduler.acquire(slot(2, 1), forever);
    const third = scheduler.acquire(slot(3, 1), forever);
    first();
    const giveBack = await second;
    first();
    await turn();
    let got = false;
    void third.then(() => (got = true));
    await turn();
    expect(got).toBe(false);
    giveBack();
    await expect(third).resolves.toBeTypeOf('function');
  });

  it('tells whether somebody else wants it', async () => {
    const scheduler = new Scheduler(() => 1);
    expect(scheduler.isWanted('slot', { node: 1 })).toBe(false);
    const giveBack = await scheduler.acquire(slot(1, 1), forever);
    expect(scheduler.isWanted('slot', { node: 1 })).toBe(false);
    expect(scheduler.isWanted('slot', { node: 2 })).toBe(true);
    expect(scheduler.isWanted('slot', { node: 1, board: 'other' })).toBe(true);
    const second = scheduler.acquire(slot(2, 1), forever);
    expect(scheduler.isWanted('slot', { node: 1 })).toBe(true);
    giveBack();
    (await second)();
    expect(scheduler.isWanted('slot', { node: 3 })).toBe(false);
  });

  it('does not wait after an abort, whose reason is thrown', async () => {
    const scheduler = new Scheduler(() => 1);
    const reason = new Error('enough');
    await expect(scheduler.acquire(slot(1, 1), AbortSignal.abort(reason))).rejects.toBe(reason);
    const giveBack = await scheduler.acquire(slot(1, 1), forever);
    const abort = new AbortController();
    const waiting = scheduler.acquire(slot(2, 1), abort.signal);
    abort.abort(reason);
    await expect(waiting).rejects.toBe(reason);
    giveBack();
    expect(scheduler.isWanted('slot', { node: 3 })).toBe(false);
  });

  it('lets nobody be passed over for ever by those who come later', async () => {
    const scheduler = new Scheduler(() => 1);
    let giveBack = await scheduler.acquire(slot(1, 1000), forever);
    const served: string[] = [];
    const short = scheduler.acquire(slot(4, 1), forever).then((release) => {
      served.push('short');
      release();
    });
    while (!served.includes('short') && served.length < 1000) {
      const next = scheduler.acquire(slot(1, 1000), forever);
      giveBack();
      giveBack = await next;
      served.push('long');
    }
    giveBack();
    await short;
    expect(served.length).toBeLessThan(100);
  });

  const anyRequest = fc.record({
    node: fc.constantFrom(...NODE_IDS),
    remainingMs: fc.nat(3),
    resource: fc.constantFrom('slot', 'ssh'),
    comesAfter: fc.nat(4),
    keeps: fc.nat(3),
    abortsAfter: fc.option(fc.nat(8), { nil: undefined }),
  });
  const capacity = (resource: string) => (resource === 'ssh' ? 2 : 1);

  /** Everybody comes, keeps it and goes, by turns of the event loop. What was given out in which order, and the most held. */
  async function play(requests: readonly (typeof anyRequest extends fc.Arbitrary<infer R> ? R : never)[]) {
    const scheduler = new Scheduler(capacity);
    const held = new Map<string, number>();
    const order: number[] = [];
    let isAbove = false;
    await Promise.all(
      requests.map(async ({ comesAfter, keeps, abortsAfter, ...request }, index) => {
        const abort = new AbortController();
        const wait = async (turns: number) => {
          for (let done = 0; done < turns; done += 1) await turn();
        };
        if (abortsAfter !== undefined) void wait(abortsAfter).then(() => abort.abort(new Error('enough')));
        await wait(comesAfter);
        const giveBack = await scheduler.acquire(request, abort.signal).catch(() => undefined);
        if (giveBack === undefined) return;
        order.push(index);
        const now = (held.get(request.resource) ?? 0) + 1;
        held.set(request.resource, now);
        isAbove ||= now > capacity(request.resource);
        await wait(keeps);
        held.set(request.resource, now - 1 < 0 ? 0 : (held.get(request.resource) ?? 1) - 1);
        giveBack();
      }),
    );
    const isLeft = ['slot', 'ssh'].some((name) => scheduler.isWanted(name, { node: 1, board: 'nobody' }));
    return { order, isAbove, isLeft };
  }

  it('never gives out more than there is, ends with nothing held, and serves everybody who stays', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyRequest, { maxLength: 12 }), async (requests) => {
        const { order, isAbove, isLeft } = await play(requests);
        expect({ isAbove, isLeft }).toEqual({ isAbove: false, isLeft: false });
        const stay = requests.flatMap(({ abortsAfter }, index) => (abortsAfter === undefined ? [index] : []));
        expect(order).toEqual(expect.arrayContaining(stay));
      }),
      { numRuns: 200 },
    );
  });

  it('gives out in one order, however often it is played', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyRequest, { maxLength: 10 }), async (requests) => {
        expect((await play(requests)).order).toEqual((await play(requests)).order);
      }),
      { numRuns: 50 },
    );
  });

  it('always takes one of those who wait whose way is longest', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(5), { minLength: 1, maxLength: 20 }), async (ways) => {
        const requests = ways.map((way, index) => slot(NODE_IDS[index % 4]!, way));
        const order = await orderOf(new Scheduler(() => 1), requests);
        const expected = requests
          .toSorted((one, other) => other.remainingMs - one.remainingMs || one.node - other.node)
          .map(({ node }) => node);
        expect(order).toEqual(expected);
      }),
    );
  });
});
