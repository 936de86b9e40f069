import assert from 'node:assert/strict';
import type { RolloutStatus } from '../orchestrator/fleet-status.js';
import type { OrchestratorCase } from './orchestrator-case.js';
import type { OrchestratorSubject } from './orchestrator-subject.js';
import { trialOn } from './orchestrator-trial.js';
import { sampleRollout } from './sample-rollout.js';
import { refused } from './scripted-errors.js';

/** How an orchestrator ends or holds what it has begun. */
export function orchestratorStopCases(subject: OrchestratorSubject): OrchestratorCase[] {
  const as = trialOn(subject);
  return [
    as('begins no further board after too many failures, and ends those that run', async (trial) => {
      const { orchestrator, steps, ended } = trial;
      steps.hold((name) => name === 'lab2/1 customise');
      steps.failNext('lab1/1 install', refused());
      steps.failNext('lab3/1 install', refused());
      const policy = { atOnce: 2, stopAfterFailures: 2 };
      await orchestrator.start(sampleRollout('stop', { boards: 5, policy }));
      await trial.until('stop', (event) => event.type === 'board:ended' && event.board === 'lab3');
      (await steps.until('lab2/1 customise')).finish();
      const status = await ended('stop');
      assert.equal(status.outcome, 'stopped');
      assert.deepEqual(statesOf(status), ['failed', 'completed', 'failed', 'not started', 'not started']);
    }),
    as('has a cancel reach the steps that run, and waits for them', async (trial) => {
      const { orchestrator, steps, ended } = trial;
      const isInstall = (name: string) => name.endsWith(' install');
      steps.hold(isInstall);
      await orchestrator.start(sampleRollout('cancel', { boards: 3, nodes: [1, 2], policy: { atOnce: 1 } }));
      const held = await steps.next(isInstall); // of the node whose image was there first
      await orchestrator.cancel('cancel');
      const status = await ended('cancel');
      assert.equal(status.outcome, 'cancelled');
      assert.ok(held.signal.aborted);
      assert.deepEqual(steps.running, []);
      assert.deepEqual(statesOf(status), ['cancelled', 'not started', 'not started']);
      assert.equal(steps.begun.filter(isInstall).length, 1);
      await orchestrator.cancel('cancel'); // once more changes nothing
      assert.deepEqual(await ended('cancel'), status);
    }),
    as('takes a step that ended well although it was told to stop for done', async (trial) => {
      const { orchestrator, thereSteps, steps, ended } = trial;
      thereSteps.hold(() => false);
      steps.hold((name) => name === 'lab1/1 postInstall');
      await orchestrator.start(sampleRollout('late'));
      const held = await steps.until('lab1/1 postInstall');
      held.finish(); // it is done, and its answer under way, when the cancel comes
      await orchestrator.cancel('late');
      const { outcome, boards } = await ended('late');
      assert.deepEqual([outcome, boards[0]?.state], ['completed', 'completed']);
    }),
    as('cancels a step that waits for an agent', async ({ orchestrator, ended, until }) => {
      await orchestrator.start(sampleRollout('nobody', { site: () => 'empty' }));
      await until('nobody', ({ type }) => type === 'board:started');
      await orchestrator.cancel('nobody');
      const status = await ended('nobody');
      assert.deepEqual([status.outcome, ...statesOf(status)], ['cancelled', 'cancelled']);
    }),
    as('cancels a rollout that waits for its window', async ({ orchestrator, steps, ended, until }) => {
      const { isoDay } = closedToday();
      const windows = [{ days: [isoDay], from: 0, until: 1, timeZone: 'UTC' }];
      await orchestrator.start(sampleRollout('window', { boards: 2, policy: { windows } }));
      await until('window', ({ type }) => type === 'rollout:started');
      const { rollouts } = await orchestrator.status();
      assert.deepEqual(statesOf(rollouts[0]), ['waiting', 'waiting']);
      await orchestrator.cancel('window');
      const status = await ended('window');
      assert.deepEqual([status.outcome, ...statesOf(status)], ['cancelled', 'not started', 'not started']);
      assert.deepEqual(steps.begun, []);
    }),
    as('has a drained site finish what runs and take nothing new, until it is resumed', async (trial) => {
      const { orchestrator, steps, ended, until } = trial;
      steps.hold((name) => name === 'lab1/1 customise');
      const site = (board: string) => (board === 'lab3' ? 'there' : 'here');
      await orchestrator.start(sampleRollout('drain', { boards: 3, site, policy: { atOnce: 1 } }));
      const held = await steps.until('lab1/1 customise');
      await orchestrator.drain('here');
      held.finish();
      await until('drain', (event) => event.type === 'step:completed' && event.step === 'customise');
      assert.deepEqual((await orchestrator.status()).draining, ['here']);
      assert.deepEqual(steps.begun, ['lab1/1 customise']);
      await orchestrator.resume('here');
      assert.equal((await ended('drain')).outcome, 'completed');
      assert.deepEqual((await orchestrator.status()).draining, []);
    }),
    as('begins nothing on a site that was drained before', async (trial) => {
      const { orchestrator, steps, thereSteps, ended, until } = trial;
      await orchestrator.drain('here');
      const site = (board: string) => (board === 'lab2' ? 'there' : 'here');
      await orchestrator.start(sampleRollout('before', { boards: 2, site, policy: { atOnce: 1 } }));
      await until('before', (event) => event.type === 'board:ended' && event.board === 'lab2');
      assert.deepEqual(steps.begun, []);
      assert.equal(thereSteps.begun.length, 3);
      await orchestrator.resume('here');
      assert.equal((await ended('before')).outcome, 'completed');
    }),
  ];
}

function statesOf(status: RolloutStatus | undefined): (string | undefined)[] {
  return status?.boards.map(({ state }) => state) ?? [];
}

/** A day of the week that is not near. */
function closedToday(): { readonly isoDay: number } {
  const today = new Date().getUTCDay() || 7;
  return { isoDay: ((today + 2) % 7) + 1 };
}
