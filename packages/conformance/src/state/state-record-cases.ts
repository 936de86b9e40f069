import assert from 'node:assert/strict';
import type { RecordedChange } from '@turingpi/core/plugin';
import type { ConformanceCase } from '../conformance-case.js';
import type { OpenedState, StateStoreSubject } from './state-store-subject.js';
import { casesOn, claim, DONE, failureOf, isLost, NODE, PHASE, plainClaim, recordIn } from './state-trial.js';

/** What every store of the state does with records. */
export function stateRecordCases<O extends OpenedState>(subject: StateStoreSubject<O>): ConformanceCase[] {
  const on = casesOn(subject);
  return [
    on('has nothing on record at first, and can be named', async ({ connect }) => {
      const store = await connect();
      const { board, Node1 } = await store.load();
      assert.deepEqual({ board, Node1 }, { board: undefined, Node1: undefined });
      assert.ok(store.location.length > 0);
    }),
    on('keeps what a node learns, for everybody who has the state open', async ({ connect }) => {
      const [one, other] = [await connect(), await connect()];
      await one.amend(NODE, () => ({ os_installation: { ...DONE, output: { deep: [1, 'ü', null] } } }));
      await other.amend(NODE, () => ({ post_installation: DONE })); // the other one stays
      for (const store of [one, other, await connect()]) {
        const { Node1 } = await store.load();
        assert.deepEqual(Node1?.os_installation, { ...DONE, output: { deep: [1, 'ü', null] } });
        assert.deepEqual(Node1.post_installation, DONE);
      }
    }),
    on('loses no change of several who change at once', async ({ connect }) => {
      const stores = await Promise.all(Array.from({ length: 4 }, connect));
      const count = (store: (typeof stores)[number]) =>
        store.amend(NODE, (phases) => {
          const counted = Number(phases?.os_installation?.output?.['counted'] ?? 0) + 1;
          return { ...phases, os_installation: { ...DONE, output: { counted } } };
        });
      await Promise.all([...stores, ...stores].map(count));
      assert.deepEqual((await stores[0]?.load())?.Node1?.os_installation?.output, { counted: 8 });
    }),
    on('writes nothing for a change that throws, or that leaves what is there', async ({ connect }) => {
      const store = await connect();
      await store.amend(NODE, () => ({ [PHASE]: DONE }));
      const failure = new Error('not now');
      const failing = store.amend(NODE, () => {
        throw failure;
      });
      assert.equal(await failureOf(failing), failure);
      await store.amend(NODE, () => undefined);
      assert.deepEqual(await recordIn(store), DONE);
    }),
    on('remembers which board the records are about', async ({ connect }) => {
      const board = { mac: '02:00:00:00:00:01', project: 'lab', since: DONE.timestamp };
      await (await connect()).bind(board);
      assert.deepEqual((await (await connect()).load()).board, board);
    }),
    on('keeps a text of secrets for all who have it open, and loses no change of it', async ({ connect }) => {
      const stores = await Promise.all(Array.from({ length: 3 }, connect));
      const texts = stores.flatMap(({ secrets }) => secrets ?? []);
      if (texts.length === 0) return; // it has no place for them
      assert.equal(texts.length, stores.length);
      assert.equal(await texts[0]?.read(), undefined);
      const add = (current: string | undefined) => `${current ?? ''}ü`;
      await Promise.all([...texts, ...texts].map((text) => text.update(add)));
      for (const text of texts) {
        assert.equal(await text.read(), 'üüüüüü');
        assert.equal(await text.update(() => undefined), 'üüüüüü');
        const failure = new Error('not now');
        const failing = text.update(() => {
          throw failure;
        });
        assert.equal(await failureOf(failing), failure);
      }
      assert.ok(!JSON.stringify(await stores[0]?.load()).includes('ü')); // the records hold none
    }),
    on('forgets one phase, or all of a node', async ({ connect }) => {
      const store = await connect();
      await store.amend('Node2', () => ({ os_installation: DONE }));
      await store.amend(NODE, () => ({ os_installation: DONE, post_installation: DONE }));
      await store.forget(NODE, PHASE);
      assert.ok(['pending', undefined].includes((await recordIn(store))?.status));
      assert.deepEqual((await store.load())[NODE]?.os_installation, DONE);
      await store.forget(NODE);
      assert.ok(['pending', undefined].includes((await store.load())[NODE]?.os_installation?.status));
      assert.deepEqual((await store.load()).Node2?.os_installation, DONE);
      await store.forget('Node4'); // of which nothing is known
    }),
    on('takes the lease of who runs what is forgotten, and gives none twice', async ({ connect }) => {
      const [one, other] = [await connect(), await connect()];
      const lease = await claim(one);
      await other.forget(NODE, PHASE);
      await isLost(one.finish(lease, () => DONE));
      assert.ok(['pending', undefined].includes((await recordIn(one))?.status));
      const next = await claim(other, 'aa', { seen: (await recordIn(other))?.fence });
      assert.ok(next.fence > lease.fence);
    }),
    on('tells what changes, whoever changes it, until one does not listen any more', async ({ connect }) => {
      const [one, other] = [await connect(), await connect()];
      let hear: (change: RecordedChange) => void = () => undefined;
      const told: RecordedChange[] = [];
      one.subscribe(() => {
        throw new Error('a listener that fails');
      });
      const unsubscribe = one.subscribe((change) => {
        told.push(change);
        hear(change);
      });
      await one.load();
      const next = (status: string) =>
        new Promise<RecordedChange>((resolve) => {
          hear = (change) => {
            if (change.phase === PHASE && change.record.status === status) resolve(change);
          };
        });
      const begun = next('running');
      const lease = await claim(other);
      assert.equal((await begun).node, NODE);
      const ended = next('completed');
      await other.finish(lease, () => DONE);
      assert.equal((await ended).record.input_hash, 'aa');
      unsubscribe();
      const count = told.length;
      const heard = new Promise((resolve) => {
        const stop = other.subscribe(() => {
          stop();
          resolve(undefined);
        });
      });
      await other.load();
      await one.amend('Node3', () => ({ [PHASE]: DONE }));
      await heard;
      assert.equal(told.length, count);
    }),
    ...damageCases(subject),
  ];
}

/** For stores whose content can be damaged. */
function damageCases<O extends OpenedState>(subject: StateStoreSubject<O>): ConformanceCase[] {
  const on = casesOn(subject);
  const { damage } = subject;
  if (damage === undefined) return [];
  return [
    on('leaves damaged content as it is, until somebody sets it aside', async (opened) => {
      const store = await opened.connect();
      await store.amend(NODE, () => ({ [PHASE]: DONE }));
      const content = await damage(opened);
      const before = await content();
      for (const attempt of [
        store.load(),
        store.amend(NODE, () => ({ [PHASE]: DONE })),
        store.forget(NODE),
        store.claim('Node2', PHASE, 'aa', plainClaim()),
        store.acquire('slot', plainClaim()),
      ])
        assert.equal((await failureOf(attempt)).code, 'STATE_UNREADABLE');
      assert.equal(await content(), before);
      assert.ok(((await store.setAside?.()) ?? '').length > 0);
      assert.equal((await store.load()).Node1, undefined);
      assert.equal(await store.setAside?.(), undefined); // nothing is damaged now
    }),
  ];
}
