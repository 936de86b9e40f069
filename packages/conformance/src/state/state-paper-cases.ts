import assert from 'node:assert/strict';
import type { SharedPapers, StateStore } from '@turingpi/core/plugin';
import type { ConformanceCase } from '../conformance-case.js';
import type { OpenedState, StateStoreSubject } from './state-store-subject.js';
import { casesOn, failureOf } from './state-trial.js';

const LOG = 'run/20260102T030405678-abcdef';
const LINE = '{"text":"ü \\u0000 \\" a line"}';

/** What every store that keeps texts and logs by name does with them; one without passes. */
export function statePaperCases<O extends OpenedState>(subject: StateStoreSubject<O>): ConformanceCase[] {
  const on = casesOn(subject);
  const papersOf = async ({ connect }: OpenedState, count: number): Promise<readonly SharedPapers[]> => {
    const stores: StateStore[] = await Promise.all(Array.from({ length: count }, connect));
    return stores.flatMap(({ papers }) => papers ?? []);
  };
  return [
    on(
      'keeps logs for all who have it open, and loses no line of several who add at once',
      async (opened) => {
        const papers = await papersOf(opened, 3);
        const [one, ...others] = papers;
        if (one === undefined) return;
        assert.equal(others.length, 2);
        assert.deepEqual(await one.log(LOG).read(), []);
        await one.log(LOG).append([LINE, 'two']);
        await Promise.all(papers.map((each, index) => each.log(LOG).append([`of ${index}`])));
        for (const each of papers) {
          const lines = await each.log(LOG).read();
          assert.deepEqual(lines.slice(0, 2), [LINE, 'two']);
          assert.deepEqual(lines.slice(2).toSorted(), ['of 0', 'of 1', 'of 2']);
          assert.deepEqual(await each.log(LOG).read(4), lines.slice(4));
          assert.ok(each.log(LOG).location.length > 0);
        }
        assert.deepEqual(await one.log('another').read(), []);
      },
    ),
    on('adds lines once that are added again at their place', async (opened) => {
      const [one, other] = await papersOf(opened, 2);
      if (one === undefined || other === undefined) return;
      await one.log(LOG).append(['a', 'b'], 0);
      await one.log(LOG).append(['a', 'b'], 0);
      await one.log(LOG).append(['b', 'c'], 1);
      assert.deepEqual(await other.log(LOG).read(), ['a', 'b', 'c']);
    }),
    on(
      'tells which logs there are and since when nobody added to them, until they are removed',
      async (opened) => {
        const [one, other] = await papersOf(opened, 2);
        if (one === undefined || other === undefined) return;
        assert.deepEqual(await one.logs(''), []);
        await one.log(LOG).append(['a']);
        await one.log('erasures').append(['b']);
        const [kept, ...more] = await other.logs('run/');
        assert.equal(kept?.name, LOG);
        assert.ok(kept.idleMs >= 0 && kept.idleMs < 20_000);
        assert.deepEqual(more, []);
        const before = performance.now();
        while (((await other.logs(LOG))[0]?.idleMs ?? 0) < 30) assert.ok(performance.now() - before < 10_000);
        const { idleMs = 0 } = (await other.logs(LOG))[0] ?? {};
        const passed = performance.now();
        await one.log(LOG).append([]); // a sign of life
        const { idleMs: since = Infinity } = (await other.logs(LOG))[0] ?? {};
        assert.ok(since < idleMs + performance.now() - passed);
        await other.removeLog(LOG);
        await other.removeLog(LOG);
        assert.deepEqual(await one.logs('run/'), []);
        assert.deepEqual(await one.log(LOG).read(), []);
        assert.deepEqual(await one.log('erasures').read(), ['b']);
      },
    ),
    on('keeps texts by name for all who have it open, and loses no change of one', async (opened) => {
      const papers = await papersOf(opened, 3);
      const [one] = papers;
      if (one === undefined) return;
      const name = 'transfer/mac:02:00:00:00:00:01';
      assert.equal(await one.text(name).read(), undefined);
      const add = (current: string | undefined) => `${current ?? ''}ü`;
      await Promise.all([...papers, ...papers].map((each) => each.text(name).update(add)));
      for (const each of papers) assert.equal(await each.text(name).read(), 'üüüüüü');
      assert.equal(await one.text(name).update(() => undefined), 'üüüüüü');
      const failure = new Error('not now');
      const failing = one.text(name).update(() => {
        throw failure;
      });
      assert.equal(await failureOf(failing), failure);
      assert.equal(await one.text(name).update(() => ''), '');
      assert.equal(await one.text('another').read(), undefined);
    }),
  ];
}
