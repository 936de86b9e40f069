import assert from 'node:assert/strict';
import { type ErasureAtHand, silentLogger } from '@turingpi/foundation';
import type { BoardOperation, InstallationStrategy } from '@turingpi/provisioning';
import type { BoardSubject, OpenedBoard } from './board-subject.js';
import type { ConformanceCase } from '../conformance-case.js';
import { IMAGE_BYTES, TrialInstallation, watched } from './trial-installation.js';

/** A stop takes no longer, in milliseconds. */
const STOP_LIMIT_MS = 30_000;

/**
 * What every type of board must do, installing with its first strategy. Further strategies have a suite of their own.
 *
 * @remarks Use with any runner: `for (const { name, run } of boardCases(subject)) it(name, run);`
 */
export function boardCases(subject: BoardSubject): ConformanceCase[] {
  const on = (name: string, use: (opened: OpenedBoard) => Promise<void>): ConformanceCase => ({
    name,
    run: async () => {
      await using opened = await subject.open();
      await use(opened);
    },
  });
  return [
    on('says what it is, and lists every strategy with an id of its own and a summary', ({ board }) => {
      assert.match(board.id, /^[a-z][a-z0-9-]*$/);
      assert.ok(board.title.length > 0);
      assert.ok(board.strategies.length > 0);
      const names = board.strategies.flatMap(({ id, aliases = [] }) => [id, ...aliases]);
      assert.equal(new Set(names).size, names.length);
      for (const { id, summary } of board.strategies) {
        assert.match(id, /^[a-z][a-z0-9-]*$/);
        assert.ok(summary.length > 0);
      }
      return Promise.resolve();
    }),
    on('refuses to write without a permit', async (opened) => {
      const before = await opened.written(IMAGE_BYTES);
      await assert.rejects(trialOf(opened).install({}, 'permit'), { code: 'ERASE_NOT_APPROVED' });
      assert.deepEqual(await opened.written(IMAGE_BYTES), before);
    }),
    on(
      'begins its permit directly before it erases, for the disk that its strategy names',
      async (opened) => {
        const before = Buffer.from(await opened.written(IMAGE_BYTES));
        const begun: ErasureAtHand[] = [];
        const trial = trialOf(opened);
        await trial.install({
          permit: watched(trial.permit, async (atHand) => {
            begun.push(atHand);
            assert.ok(Buffer.from(await opened.written(IMAGE_BYTES)).equals(before));
          }),
        });
        assert.ok(begun.length > 0);
        for (const { node, disk } of begun)
          assert.deepEqual([node, disk], [opened.node.id, strategyOf(opened).disk ?? 'emmc']);
      },
    ),
    on('has written exactly what the image is, and leaves the node off', async (opened) => {
      const trial = trialOf(opened);
      await trial.install();
      assert.ok(Buffer.from(await opened.written(IMAGE_BYTES)).equals(trial.raw));
      assert.notEqual(await opened.isOn?.(), true);
    }),
    on('has begun its permit if the disk was changed when it is stopped on the way', async (opened) => {
      const before = Buffer.from(await opened.written(IMAGE_BYTES));
      const stop = new AbortController();
      const reason = new Error('stopped by the case');
      const trial = trialOf(opened, (piece) => {
        if (piece === 8) stop.abort(reason);
      });
      const limit = AbortSignal.timeout(STOP_LIMIT_MS);
      await assert.rejects(trial.install({ signal: AbortSignal.any([stop.signal, limit]) }), reason);
      const after = Buffer.from(await opened.written(IMAGE_BYTES));
      assert.ok(!after.equals(trial.raw));
      assert.ok(trial.permit.begun || after.equals(before));
    }),
    on('fails, and says so, when the image cannot be read to its end', async (opened) => {
      const trial = trialOf(opened, (piece) => {
        if (piece === 8) throw new Error('unreadable from here on');
      });
      await assert.rejects(trial.install());
    }),
    on('can be switched on and off again and again', async (opened) => {
      const { board } = opened;
      const operation = operationOn(opened);
      const steps = [
        [() => board.powerOn(operation), true],
        [() => board.powerOff(operation), false],
      ] as const;
      for (const [change, expected] of steps)
        for (let turn = 0; turn < 2; turn += 1) {
          await change();
          assert.equal((await opened.isOn?.()) ?? expected, expected);
        }
    }),
    on('ends its console, without an error, when the signal fires', async (opened) => {
      const stop = new AbortController();
      const limit = AbortSignal.timeout(STOP_LIMIT_MS);
      const ended = (async () => {
        for await (const text of opened.board.followConsole(operationOn(opened, stop.signal)))
          assert.equal(typeof text, 'string');
      })();
      await opened.board.powerOn(operationOn(opened));
      stop.abort();
      await Promise.race([ended, failedAt(limit)]);
    }),
    on('tells the same identity each time, where it tells one', async ({ board }) => {
      const { signal } = new AbortController();
      assert.deepEqual(await board.identity?.({ signal }), await board.identity?.({ signal }));
    }),
  ];
}

function strategyOf({ board }: OpenedBoard): InstallationStrategy {
  const [strategy] = board.strategies;
  assert.ok(strategy !== undefined);
  return strategy;
}

function trialOf(opened: OpenedBoard, onPiece?: (piece: number) => void): TrialInstallation {
  const strategy = strategyOf(opened);
  const { disk = 'emmc' } = strategy;
  return new TrialInstallation({ strategy, node: opened.node, disk }, undefined, onPiece);
}

function operationOn({ node }: OpenedBoard, signal = new AbortController().signal): BoardOperation {
  return { node, signal, logger: silentLogger, progress: () => undefined };
}

function failedAt(limit: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    limit.addEventListener('abort', () => reject(new Error('the console has not ended')), { once: true });
  });
}
