import assert from 'node:assert/strict';
import { approveErasure, type ErasureAtHand } from '@turingpi/foundation';
import type { ConformanceCase } from '../conformance-case.js';
import type { OpenedStrategy, StrategySubject } from './strategy-subject.js';
import { IMAGE_BYTES, TrialInstallation, watched } from '../board/trial-installation.js';

/** A stop takes no longer, in milliseconds. */
const STOP_LIMIT_MS = 30_000;

/**
 * What every installation strategy must do.
 *
 * @remarks Use with any runner: `for (const { name, run } of strategyCases(subject)) it(name, run);`
 */
export function strategyCases(subject: StrategySubject): ConformanceCase[] {
  const on = (name: string, use: (opened: OpenedStrategy) => Promise<void>): ConformanceCase => ({
    name,
    run: async () => {
      await using opened = await subject.open();
      await use(opened);
    },
  });
  return [
    on('says what it is, under names of its own', ({ strategy: { id, aliases = [], summary } }) => {
      assert.match(id, /^[a-z][a-z0-9-]*$/);
      assert.ok(summary.length > 0);
      assert.equal(new Set([id, ...aliases]).size, 1 + aliases.length);
      return Promise.resolve();
    }),
    on('puts exactly the image onto the disk, and leaves the node off', async (opened) => {
      const trial = new TrialInstallation(opened);
      await trial.install();
      assert.ok(Buffer.from(await opened.written(IMAGE_BYTES)).equals(trial.raw));
      assert.notEqual(await opened.isOn?.(), true);
    }),
    on(
      'begins its permit before the first byte, for the node and the disk that it erases',
      async (opened) => {
        const before = await opened.written(IMAGE_BYTES);
        const begun: ErasureAtHand[] = [];
        const trial = new TrialInstallation(opened);
        await trial.install({
          permit: watched(trial.permit, async (atHand) => {
            begun.push(atHand);
            assert.deepEqual(Buffer.from(await opened.written(IMAGE_BYTES)), Buffer.from(before));
          }),
        });
        assert.ok(begun.length > 0);
        for (const { node, disk } of begun)
          assert.deepEqual({ node, disk }, { node: opened.node.id, disk: opened.disk ?? 'emmc' });
      },
    ),
    on('erases nothing without a permit', async (opened) => {
      const before = await opened.written(IMAGE_BYTES);
      await assert.rejects(new TrialInstallation(opened).install({}, 'permit'), {
        code: 'ERASE_NOT_APPROVED',
      });
      assert.deepEqual(await opened.written(IMAGE_BYTES), before);
    }),
    on('erases nothing with the permit of another node', async (opened) => {
      const before = await opened.written(IMAGE_BYTES);
      const other = opened.node.id === 1 ? 2 : 1;
      const permit = approveErasure({ node: other, disk: opened.disk ?? 'emmc' });
      await assert.rejects(new TrialInstallation(opened).install({ permit }), { code: 'ERASE_NOT_APPROVED' });
      assert.deepEqual(await opened.written(IMAGE_BYTES), before);
    }),
    on('says what it would do with a dry run, and does nothing', async (opened) => {
      const before = await opened.written(IMAGE_BYTES);
      const said: string[] = [];
      const progress = (told: { readonly note?: string }) => void said.push(told.note ?? '');
      await new TrialInstallation(opened).install({ dryRun: true, progress }, 'permit');
      assert.deepEqual(await opened.written(IMAGE_BYTES), before);
      assert.ok(said.some((note) => note.length > 0));
    }),
    on('ends with the reason of the signal, soon, when it is stopped', async (opened) => {
      const stop = new AbortController();
      const reason = new Error('stopped by the case');
      const trial = new TrialInstallation(opened, () => stop.abort(reason));
      const limit = AbortSignal.timeout(STOP_LIMIT_MS);
      await assert.rejects(trial.install({ signal: AbortSignal.any([stop.signal, limit]) }), reason);
    }),
  ];
}
