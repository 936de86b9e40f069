import assert from 'node:assert/strict';
import type { ApprovalStatement } from '../orchestrator/signed-approval.js';
import type { OrchestratorCase } from './orchestrator-case.js';
import type { OrchestratorSubject } from './orchestrator-subject.js';
import { trialOn } from './orchestrator-trial.js';
import { sampleRollout } from './sample-rollout.js';
import { refused, unlucky } from './scripted-errors.js';

/** In which order an orchestrator has steps done, and how many at a time. */
export function orchestratorOrderCases(subject: OrchestratorSubject): OrchestratorCase[] {
  const as = trialOn(subject);
  return [
    as(
      'takes a node through its steps, and gives each what it needs',
      async ({ orchestrator, steps, ended }) => {
        const rollout = sampleRollout('order', { reinstall: true });
        await orchestrator.start(rollout);
        const { outcome, boards } = await ended('order');
        assert.equal(outcome, 'completed');
        assert.deepEqual(steps.begun, ['lab1/1 customise', 'lab1/1 install', 'lab1/1 postInstall']);
        assert.deepEqual(
          { ...steps.tasks[1] },
          { rollout: 'order', board: 'lab1', node: 1, plan: '1'.repeat(64), reinstall: true },
        );
        assert.deepEqual(boards, [
          {
            board: 'lab1',
            site: 'here',
            state: 'completed',
            nodes: [{ node: 1, state: 'completed', step: 'postInstall' }],
          },
        ]);
      },
    ),
    as('hands on an approval to whoever checks it', async ({ orchestrator, steps, ended }) => {
      const rollout = sampleRollout('approved');
      const statement: ApprovalStatement = {
        version: 1,
        ...{ fleet: 'labs', id: 'a', operator: 'ada', board: 'lab1', node: 1 as const, plan: '1'.repeat(64) },
        ...{
          disk: 'emmc',
          evidence: 'new' as const,
          at: '2026-01-01T00:00:00.000Z',
          until: '2026-01-02T00:00:00.000Z',
        },
      };
      const approval = { statement, signature: 'c2lnbmVk' };
      const [board] = rollout.boards;
      assert.ok(board);
      const nodes = board.nodes.map((node) => ({ ...node, approval }));
      await orchestrator.start({ ...rollout, boards: [{ ...board, nodes }] });
      assert.equal((await ended('approved')).outcome, 'completed');
      assert.deepEqual(steps.tasks[1]?.approval, approval);
    }),
    as(
      'has two boards at a time over four, in their order',
      async ({ orchestrator, steps, ended, events }) => {
        steps.hold((name) => name.endsWith('customise'));
        await orchestrator.start(sampleRollout('two', { boards: 4, policy: { atOnce: 2 } }));
        for (const next of [2, 3, 4]) {
          await steps.until(`lab${next}/1 customise`);
          (await steps.until(`lab${next - 1}/1 customise`)).finish();
        }
        (await steps.until('lab4/1 customise')).finish();
        assert.equal((await ended('two')).outcome, 'completed');
        assert.equal(steps.most('boards'), 2);
        let running = 0;
        const begun: string[] = [];
        for (const event of await events('two')) {
          if (event.type === 'board:started') {
            begun.push(event.board);
            running += 1;
          }
          if (event.type === 'board:ended') running -= 1;
          assert.ok(running <= 2, `${running} boards run`);
        }
        assert.deepEqual(begun, ['lab1', 'lab2', 'lab3', 'lab4']);
      },
    ),
    as('installs one node of a board at a time, and keeps to what a site can do', async (trial) => {
      const { orchestrator, steps, ended } = trial;
      const kinds = ['customise', 'install', 'postInstall'] as const;
      steps.hold(() => true);
      const rollout = sampleRollout('limits', { boards: 3, nodes: [1, 2, 3, 4] });
      const limits = { customise: 1, install: 2, postInstall: 3 };
      await orchestrator.start({ ...rollout, sites: [{ id: 'here', limits }] });
      for (const kind of kinds) {
        await steps.untilMost(kind, limits[kind]); // what may run side by side does
        for (let left = 12; left > 0; left -= 1)
          (await steps.next((name) => name.endsWith(` ${kind}`))).finish();
      }
      assert.equal((await ended('limits')).outcome, 'completed');
      for (const board of ['lab1', 'lab2', 'lab3']) assert.equal(steps.most(`${board} install`), 1);
      assert.deepEqual(
        kinds.map((kind) => steps.most(kind)),
        [1, 2, 3],
      );
    }),
    as('has steps done by agents of their site', async ({ orchestrator, steps, thereSteps, ended }) => {
      const site = (board: string) => (board === 'lab2' ? 'there' : 'here');
      await orchestrator.start(sampleRollout('sites', { boards: 2, site }));
      assert.equal((await ended('sites')).outcome, 'completed');
      assert.deepEqual(new Set(steps.tasks.map(({ board }) => board)), new Set(['lab1']));
      assert.deepEqual(new Set(thereSteps.tasks.map(({ board }) => board)), new Set(['lab2']));
    }),
    as('tries again what failed for a passing reason, as often as it may', async (trial) => {
      const { orchestrator, steps, ended, events } = trial;
      steps.failNext('lab1/1 install', unlucky(), unlucky());
      steps.failNext('lab2/1 install', unlucky(), unlucky(), unlucky());
      await orchestrator.start(sampleRollout('again', { boards: 2 }));
      const { boards } = await ended('again');
      assert.deepEqual(
        boards.map(({ state }) => state),
        ['completed', 'failed'],
      );
      const tried = (board: string) => steps.begun.filter((name) => name === `${board}/1 install`).length;
      assert.deepEqual([tried('lab1'), tried('lab2')], [3, 3]);
      const failures = (await events('again')).filter((event) => event.type === 'step:failed');
      const waits = failures.flatMap(({ board, retryInMs }) => (board === 'lab2' ? [retryInMs] : []));
      assert.deepEqual(waits, [1, 2, undefined]);
    }),
    as('goes on with the other nodes of a board when one has failed for good', async (trial) => {
      const { orchestrator, steps, ended } = trial;
      steps.failNext('lab1/1 install', refused());
      await orchestrator.start(sampleRollout('nodes', { nodes: [1, 2] }));
      const { outcome, boards } = await ended('nodes');
      assert.equal(outcome, 'failed');
      assert.deepEqual(boards[0]?.nodes, [
        {
          node: 1,
          state: 'failed',
          step: 'install',
          failure: {
            code: 'SAMPLE_REFUSED',
            message: 'nobody allowed it',
            hint: 'Ask somebody.',
            retryable: false,
          },
        },
        { node: 2, state: 'completed', step: 'postInstall' },
      ]);
      assert.ok(!steps.begun.includes('lab1/1 postInstall'));
      assert.equal(steps.begun.filter((name) => name === 'lab1/1 install').length, 1);
    }),
    as('gives a board to one rollout at a time', async ({ orchestrator, steps, ended, until }) => {
      steps.hold((name) => name === 'lab1/1 install');
      await orchestrator.start(sampleRollout('first'));
      const held = await steps.until('lab1/1 install');
      await orchestrator.start(sampleRollout('second'));
      await until('second', ({ type }) => type === 'rollout:started');
      assert.deepEqual(steps.begun, ['lab1/1 customise', 'lab1/1 install']);
      steps.hold(() => false);
      held.finish();
      assert.equal((await ended('first')).outcome, 'completed');
      assert.equal((await ended('second')).outcome, 'completed');
      assert.equal(steps.most('boards'), 1);
      assert.equal(steps.begun.length, 6);
    }),
  ];
}
