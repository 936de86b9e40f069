import assert from 'node:assert/strict';
import type { PhaseRecord } from '@turingpi/core/plugin';
import type { ConformanceCase } from '../conformance-case.js';
import type { OpenedState, StateStoreSubject } from './state-store-subject.js';
import {
  actionsIn,
  casesOn,
  claim,
  DONE,
  entry,
  failureOf,
  fired,
  isLost,
  isRefused,
  NODE,
  PHASE,
  plainClaim,
  recordIn,
} from './state-trial.js';

/** Who may do what, in every store of the state. */
export function stateLeaseCases<O extends OpenedState>(subject: StateStoreSubject<O>): ConformanceCase[] {
  const on = casesOn(subject);
  return [
    on(
      'gives a phase to one of several who claim it at once, and names it to the others',
      async ({ connect }) => {
        const stores = await Promise.all(Array.from({ length: 4 }, connect));
        const claims = [...stores, ...stores].map((store) => claim(store));
        const settled = await Promise.allSettled(claims);
        assert.equal(settled.filter(({ status }) => status === 'fulfilled').length, 1);
        for (const [index, { status }] of settled.entries())
          if (status === 'rejected') await isRefused(claims[index] ?? assert.fail());
      },
    ),
    on('marks a phase as running, for its hash, with a number that grows', async ({ connect }) => {
      const store = await connect();
      const first = await claim(store, 'aa', {
        record: (current) => {
          assert.equal(current, undefined);
          return { status: 'running', timestamp: DONE.timestamp, recipe: 7 };
        },
      });
      const { status, input_hash, recipe, fence } = (await recordIn(store)) ?? {};
      assert.deepEqual(
        { status, input_hash, recipe, fence },
        { status: 'running', input_hash: 'aa', recipe: 7, fence: first.fence },
      );
      assert.deepEqual([first.node, first.phase, first.signal.aborted], [NODE, PHASE, false]);
      await store.finish(first, (current) => ({ ...DONE, recipe: Number(current?.recipe) + 1 }));
      assert.deepEqual(await recordIn(store), { ...DONE, recipe: 8, fence: first.fence });
      const second = await claim(store, 'bb', { seen: first.fence });
      assert.ok(second.fence > first.fence);
      await isLost(store.finish(first, () => DONE));
      assert.equal((await recordIn(store))?.input_hash, 'bb');
      await store.finish(second, () => DONE);
      await store.forget(NODE, PHASE); // what was claimed before stays the past
      const third = await claim(store, 'cc', { seen: (await recordIn(store))?.fence });
      assert.ok(third.fence > second.fence);
    }),
    on('refuses a claim that was decided on a record that is not there any more', async ({ connect }) => {
      const [one, other] = [await connect(), await connect()];
      await one.finish(await claim(one), () => DONE);
      await isRefused(claim(other, 'bb', { seen: undefined }));
      assert.equal((await recordIn(other))?.input_hash, 'aa');
    }),
    on(
      'shows a claim what has been finished since it was looked at, so that it can be refused',
      async (opened) => {
        const silent = await opened.connectElsewhere({ suspended: true });
        const store = await opened.connect();
        const old = await claim(silent);
        assert.equal(await store.holder(NODE, PHASE, plainClaim()), undefined); // taken for gone
        await silent.finish(old, () => DONE); // it was only suspended
        const changed = new Error('finished meanwhile');
        const record = (current: PhaseRecord | undefined) => {
          assert.deepEqual(current, { ...DONE, fence: old.fence });
          throw changed;
        };
        assert.equal(await failureOf(claim(store, 'bb', { seen: old.fence, record })), changed);
        assert.deepEqual(await recordIn(store), { ...DONE, fence: old.fence });
      },
    ),
    on('writes nothing for a claim whose record throws', async ({ connect }) => {
      const store = await connect();
      const failure = new Error('no');
      const record = () => {
        throw failure;
      };
      assert.equal(await failureOf(claim(store, 'aa', { record })), failure);
      assert.ok(['pending', undefined].includes((await recordIn(store))?.status));
      await claim(store);
    }),
    on('lets other phases and nodes be run meanwhile', async ({ connect }) => {
      const [one, other] = [await connect(), await connect()];
      await claim(one);
      for (const [node, phase] of [
        [NODE, 'os_installation'],
        ['Node2', PHASE],
      ] as const) {
        const lease = await other.claim(node, phase, 'aa', plainClaim());
        await other.finish(lease, () => DONE);
      }
      assert.equal((await recordIn(one))?.status, 'running');
    }),
    on('never takes a phase from a living owner', async ({ connect, connectElsewhere }) => {
      const [near, far, other] = [
        await connect(),
        await connectElsewhere({ suspended: false }),
        await connect(),
      ];
      for (const store of [near, far]) {
        const seen = (await recordIn(store))?.fence;
        const lease = await claim(store, 'aa', { seen });
        await isRefused(claim(other, 'bb', { seen: lease.fence }));
        const watch = { signal: plainClaim().signal };
        assert.ok(((await other.holder(NODE, PHASE, watch))?.name ?? '').length > 0);
        assert.ok(((await other.holder(NODE, PHASE))?.name ?? '').length > 0);
        await store.finish(lease, () => DONE);
        assert.equal(await other.holder(NODE, PHASE), undefined);
      }
    }),
    ...deathCases(subject),
    on('takes a phase from who was given up, as a crash', async ({ connect }) => {
      const [one, other] = [await connect(), await connect()];
      const lease = await claim(one);
      await lease[Symbol.asyncDispose]();
      assert.equal((await recordIn(other))?.status, 'running');
      await claim(other, 'bb', { seen: lease.fence });
    }),
    on(
      'takes a phase from a silent owner when its time is over, and takes nothing from it then',
      async (opened) => {
        const silent = await opened.connectElsewhere({ suspended: true });
        const store = await opened.connect();
        const old = await claim(silent);
        await silent.append(old, entry('early'));
        assert.notEqual(await store.holder(NODE, PHASE), undefined); // nobody knows yet
        const begun = performance.now();
        const watched: string[] = [];
        const onWatch = ({ name }: { readonly name: string }) => void watched.push(name);
        const lease = await claim(store, 'aa', { seen: old.fence, keepJournal: 1, onWatch });
        assert.ok(performance.now() - begun > opened.ttlMs / 2);
        assert.equal(watched.length, 1);
        assert.ok(lease.fence > old.fence);
        await store.append(lease, entry('ours'));
        await isLost(silent.append(old, entry('late')));
        await isLost(silent.finish(old, () => ({ ...DONE, recipe: 13 })));
        assert.ok(old.signal.aborted);
        await old[Symbol.asyncDispose](); // gives back nothing
        assert.deepEqual(await actionsIn(store), ['early', 'ours']);
        await store.finish(lease, () => DONE);
        assert.deepEqual(await recordIn(store), { ...DONE, fence: lease.fence });
      },
    ),
    on('tells a living owner by its signal that it has lost', async ({ connect }) => {
      const [one, other] = [await connect(), await connect()];
      const lease = await claim(one);
      await other.forget(NODE);
      await fired(lease.signal);
      assert.equal((lease.signal.reason as { code?: string }).code, 'STATE_LEASE_LOST');
    }),
    on('takes a phase from who runs it when somebody says that it is done', async ({ connect }) => {
      const [one, other] = [await connect(), await connect()];
      const lease = await claim(one);
      await other.amend(NODE, (phases) => ({ ...phases, os_installation: DONE })); // says nothing of it
      await one.append(lease, entry('a'));
      await other.amend(NODE, () => ({ [PHASE]: { ...DONE, adopted: true } }));
      await isLost(one.append(lease, entry('b')));
      await isLost(one.finish(lease, () => DONE));
      assert.deepEqual(await recordIn(other), { ...DONE, adopted: true, fence: lease.fence });
    }),
    on('stops to wait for a silent owner when it is told to', async ({ connect, connectElsewhere }) => {
      const silent = await connectElsewhere({ suspended: true });
      const lease = await claim(silent, 'aa', { ttlMs: 3_600_000 });
      const store = await connect();
      const stop = new AbortController();
      const reason = new Error('stopped by the case');
      const onWatch = () => stop.abort(reason);
      const waiting = { signal: stop.signal, onWatch };
      assert.equal(await failureOf(claim(store, 'aa', { seen: lease.fence, ...waiting })), reason);
      assert.equal(await failureOf(store.holder(NODE, PHASE, waiting)), reason);
      assert.equal((await recordIn(store))?.fence, lease.fence);
    }),
    on('gives anything else to one at a time, by name, with a number that grows', async ({ connect }) => {
      const [one, other] = [await connect(), await connect()];
      const { signal } = plainClaim();
      const first = await one.acquire('slot of the board', { signal });
      assert.deepEqual([first.resource, first.signal.aborted], ['slot of the board', false]);
      for (const store of [one, other]) await isRefused(store.acquire('slot of the board', { signal }));
      await using another = await other.acquire('another slot', { signal });
      assert.ok(another.fence > 0);
      const waiting = other.acquire('slot of the board', { signal, wait: true });
      await first[Symbol.asyncDispose]();
      await using second = await waiting;
      assert.ok(second.fence > first.fence);
      await first[Symbol.asyncDispose](); // again: it is not its own any more
      await isRefused(one.acquire('slot of the board', { signal }));
    }),
    on('gives away what a silent holder had, and stops to wait when told to', async (opened) => {
      const silent = await opened.connectElsewhere({ suspended: true });
      const [store, other] = [await opened.connect(), await opened.connect()];
      const { signal } = plainClaim();
      const old = await silent.acquire('slot', { signal });
      await using taken = await store.acquire('slot', { signal, wait: true });
      assert.ok(taken.fence > old.fence);
      const stop = new AbortController();
      const reason = new Error('stopped by the case');
      const waiting = other.acquire('slot', { signal: stop.signal, wait: true });
      stop.abort(reason);
      assert.equal(await failureOf(waiting), reason);
    }),
  ];
}

/** For stores whose content outlives the process that wrote it. */
function deathCases<O extends OpenedState>(subject: StateStoreSubject<O>): ConformanceCase[] {
  const on = casesOn(subject);
  const { claimAndDie } = subject;
  if (claimAndDie === undefined) return [];
  return [
    on('takes a phase at once from an owner that is dead on this computer', async (opened) => {
      await claimAndDie(opened, NODE, PHASE, 'aa');
      const store = await opened.connect();
      const dead = await recordIn(store);
      assert.equal(dead?.status, 'running');
      assert.equal(await store.holder(NODE, PHASE), undefined);
      const onWatch = () => assert.fail('nothing is to be waited for');
      const lease = await claim(store, 'bb', { seen: dead.fence, onWatch });
      assert.ok(lease.fence > (dead.fence ?? 0));
    }),
  ];
}
