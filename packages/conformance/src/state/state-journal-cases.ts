import assert from 'node:assert/strict';
import type { ConformanceCase } from '../conformance-case.js';
import type { OpenedState, StateStoreSubject } from './state-store-subject.js';
import { actionsIn, casesOn, claim, DONE, entry, NODE, PHASE, recordIn } from './state-trial.js';

/** What every store of the state does with journals. */
export function stateJournalCases<O extends OpenedState>(subject: StateStoreSubject<O>): ConformanceCase[] {
  const on = casesOn(subject);
  return [
    on('gives back what was appended, in order, while a phase runs and afterwards', async ({ connect }) => {
      const [one, other] = [await connect(), await connect()];
      const lease = await claim(one);
      const names = Array.from({ length: 20 }, (_, index) => `action ${index}`);
      for (const name of names) await one.append(lease, entry(name));
      assert.deepEqual(await other.journal(NODE, PHASE), names.map(entry));
      await one.finish(lease, () => DONE);
      assert.deepEqual(await other.journal(NODE, PHASE), names.map(entry));
    }),
    on('has no journal of what was never run', async ({ connect }) => {
      const store = await connect();
      assert.deepEqual(await store.journal(NODE, PHASE), []);
      await store.amend(NODE, () => ({ [PHASE]: { status: 'pending', timestamp: DONE.timestamp } }));
      assert.deepEqual(await store.journal(NODE, PHASE), []);
    }),
    on('keeps as much of a journal as a claim says', async ({ connect }) => {
      const [one, other] = [await connect(), await connect()];
      const first = await claim(one);
      for (const name of ['a', 'b', 'c']) await one.append(first, entry(name));
      await one.finish(first, () => ({ ...DONE, status: 'failed' }));
      const second = await claim(other, 'aa', { seen: first.fence, keepJournal: 2 });
      assert.deepEqual(await actionsIn(one), ['a', 'b']);
      await other.append(second, entry('x'));
      await other.finish(second, () => DONE);
      assert.deepEqual(await actionsIn(one), ['a', 'b', 'x']);
      await one.finish(await claim(one, 'aa', { seen: second.fence, keepJournal: 0 }), () => DONE);
      assert.deepEqual(await actionsIn(other), []);
    }),
    on('drops a journal that was made for another hash, whatever the claim says', async ({ connect }) => {
      const store = await connect();
      const first = await claim(store);
      await store.append(first, entry('a'));
      await store.finish(first, () => DONE);
      const second = await claim(store, 'bb', { seen: first.fence, keepJournal: 1 });
      assert.deepEqual(await actionsIn(store), []);
      await store.append(second, entry('b'));
      assert.deepEqual(await actionsIn(store), ['b']);
    }),
    on('has a journal for as long as the record is about the same', async ({ connect }) => {
      const store = await connect();
      const lease = await claim(store);
      await store.append(lease, entry('a'));
      await store.finish(lease, () => DONE);
      await store.amend(NODE, (phases) => ({ ...phases, [PHASE]: { ...DONE, seen_at: DONE.timestamp } }));
      assert.deepEqual(await actionsIn(store), ['a']);
      await store.amend(NODE, () => ({ [PHASE]: { status: 'pending', timestamp: DONE.timestamp } }));
      assert.deepEqual(await actionsIn(store), []);
      const fence = (await recordIn(store))?.fence;
      assert.equal(fence, lease.fence); // a change of the record gives no lease away
      await store.finish(await claim(store, 'aa', { seen: fence, keepJournal: 9 }), () => DONE);
      assert.deepEqual(await actionsIn(store), []);
    }),
    on('forgets a journal with its phase', async ({ connect }) => {
      const store = await connect();
      const lease = await claim(store);
      await store.append(lease, entry('a'));
      await store.finish(lease, () => DONE);
      await store.forget(NODE, PHASE);
      assert.deepEqual(await actionsIn(store), []);
    }),
    on('keeps the journal of a run that died, for the one that goes on', async ({ connect }) => {
      const [one, other] = [await connect(), await connect()];
      const lease = await claim(one);
      await one.append(lease, entry('a'));
      await lease[Symbol.asyncDispose]();
      const next = await claim(other, 'aa', { seen: lease.fence, keepJournal: 1 });
      await other.append(next, entry('b'));
      assert.deepEqual(await actionsIn(one), ['a', 'b']);
    }),
  ];
}
