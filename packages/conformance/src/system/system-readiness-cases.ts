import assert from 'node:assert/strict';
import type { ModuleId } from '@turingpi/core/plugin';
import { Secret, silentLogger, TuringPiError } from '@turingpi/foundation';
import type { ConformanceCase } from '../conformance-case.js';
import { onTrial } from './on-trial.js';
import type { OperatingSystemSubject } from './operating-system-subject.js';
import type { OperatingSystemTrial } from './operating-system-trial.js';

/** A stop takes no longer, in milliseconds. */
const STOP_LIMIT_MS = 30_000;
/** Longer than a case would wait, in milliseconds. */
const LONG_MS = 600_000;

/** How a node is awaited that nobody hears of. Systems that nobody can reach need not wait. */
export function systemReadinessCases(subject: OperatingSystemSubject): ConformanceCase[] {
  const on = onTrial(subject);
  const onReachable = (name: string, use: (trial: OperatingSystemTrial) => Promise<void>): ConformanceCase =>
    on(`unless nobody reaches it: ${name}`, async (trial) => {
      if (trial.system.access !== 'none') await use(trial);
    });
  return [
    onReachable('waits until its signal fires, and ends with its reason, soon', async (trial) => {
      const stop = new AbortController();
      const reason = new Error('stopped by the case');
      trial.ssh.onWait = () => setImmediate(() => stop.abort(reason));
      if (trial.system.access === 'api') setImmediate(() => stop.abort(reason));
      await assert.rejects(awaitNode(trial, stop.signal, LONG_MS), reason);
    }),
    onReachable('does not begin to wait after its signal has fired', async (trial) => {
      const reason = new Error('stopped by the case');
      await assert.rejects(awaitNode(trial, AbortSignal.abort(reason), LONG_MS), reason);
    }),
    onReachable('says with a code that a node is not up in time', async (trial) => {
      trial.ssh.isOver = true;
      await assert.rejects(
        awaitNode(trial, new AbortController().signal, 1),
        (error) => TuringPiError.is(error) && error.code !== 'PHASE_FAILED',
      );
    }),
    on('with SSH: takes nobody but the installation for the node', async (trial) => {
      if (trial.system.access !== 'ssh') return;
      trial.ssh.isOver = true;
      await assert.rejects(awaitNode(trial, new AbortController().signal, 1));
      assert.ok(trial.ssh.targets.length > 0);
      for (const { hostKeys } of trial.ssh.targets)
        assert.deepEqual(hostKeys, trial.installedNode('any').hostKeys);
    }),
  ];
}

/** Waits for the trial's node, which never answers. */
async function awaitNode(
  trial: OperatingSystemTrial,
  signal: AbortSignal,
  timeoutMs: number,
): Promise<ModuleId> {
  const { system, context } = trial;
  const { record = {} } = await trial.applied((_image, applied) => Promise.resolve(applied));
  const image = trial.customizedImage(record);
  const installed = trial.installedNode(system.loginOf?.(image).username ?? '');
  const limit = AbortSignal.timeout(STOP_LIMIT_MS);
  return await system.waitUntilReady({
    ...{ context, installed, image, timeoutMs, firstLogin: undefined },
    operation: {
      ...{ node: context.node, logger: silentLogger, progress: () => undefined },
      signal: AbortSignal.any([signal, limit]),
    },
    auth: { password: new Secret('unused') },
  });
}
