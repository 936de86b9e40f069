import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FleetEvent } from '../orchestrator/fleet-event.js';
import type { OrchestratorCase } from './orchestrator-case.js';
import type { OrchestratorSubject } from './orchestrator-subject.js';
import { trialOn } from './orchestrator-trial.js';
import { sampleRollout } from './sample-rollout.js';

/** What an orchestrator tells of what it does. */
export function orchestratorRecordCases(subject: OrchestratorSubject): OrchestratorCase[] {
  const as = trialOn(subject);
  return [
    as('tells what happened in order, each once, from the beginning or from where one was', async (trial) => {
      const { orchestrator, ended, events } = trial;
      await orchestrator.start(sampleRollout('told'));
      await ended('told');
      const all = await events('told');
      assert.deepEqual(
        all.map(({ number }) => number),
        all.map((_, index) => index + 1),
      );
      assert.deepEqual(all.filter(({ type }) => type !== 'step:progress').map(inWords), [
        'rollout:started',
        'board:started lab1',
        'step:started lab1/1 customise 1',
        'step:completed lab1/1 customise 1',
        'step:started lab1/1 install 1',
        'step:completed lab1/1 install 1',
        'step:started lab1/1 postInstall 1',
        'step:completed lab1/1 postInstall 1',
        'board:ended lab1 completed',
        'rollout:ended completed',
      ]);
      assert.deepEqual(await events('told', 2), all.slice(2));
      assert.deepEqual(await events('told', all.length), []);
    }),
    as(
      'says of a step what came of it, and of the board what it said',
      async ({ orchestrator, ended, events }) => {
        await orchestrator.start(sampleRollout('results'));
        await ended('results');
        const results = (await events('results')).flatMap((event) =>
          event.type === 'step:completed' && event.step === 'install' ? [event.result] : [],
        );
        assert.deepEqual(results, [
          { outcome: 'done', digests: { image: '1'.repeat(64) }, ids: { installation: 'lab1-1' } },
        ]);
      },
    ),
    as(
      'takes a rollout that is started once more for the same, and refuses another of its name',
      async (trial) => {
        const { orchestrator, steps, ended } = trial;
        await orchestrator.start(sampleRollout('same'));
        await orchestrator.start(sampleRollout('same'));
        await ended('same');
        await orchestrator.start(sampleRollout('same'));
        assert.equal(steps.begun.length, 3);
        await assert.rejects(orchestrator.start(sampleRollout('same', { reinstall: true })), {
          code: 'ROLLOUT_EXISTS',
        });
        assert.equal((await orchestrator.status()).rollouts.length, 1);
      },
    ),
    as('refuses a rollout that cannot be carried out', async ({ orchestrator }) => {
      const sample = sampleRollout('wrong');
      for (const wrong of [
        { ...sample, id: 'a/b' },
        { ...sample, boards: [] },
        { ...sample, sites: [] },
        { ...sample, boards: [...sample.boards, ...sample.boards] },
        { ...sample, policy: { ...sample.policy, atOnce: 0 } },
      ])
        await assert.rejects(orchestrator.start(wrong), { code: 'ROLLOUT_INVALID' });
      assert.deepEqual((await orchestrator.status()).rollouts, []);
    }),
    as('says of a rollout that it does not know so', async ({ orchestrator, signal }) => {
      const unknown = { code: 'ROLLOUT_UNKNOWN' };
      await assert.rejects(orchestrator.ended('nobody', signal), unknown);
      await assert.rejects(orchestrator.cancel('nobody'), unknown);
      const events = orchestrator.events('nobody', { after: 0, signal })[Symbol.asyncIterator]();
      await assert.rejects(events.next(), unknown);
    }),
    as(
      'stops waiting when its signal fires, and the rollout goes on',
      async ({ orchestrator, steps, ended }) => {
        steps.hold((name) => name === 'lab1/1 customise');
        await orchestrator.start(sampleRollout('waited'));
        const held = await steps.until('lab1/1 customise');
        const reason = new Error('enough');
        const stop = new AbortController();
        const waiting = assert.rejects(orchestrator.ended('waited', stop.signal), reason);
        stop.abort(reason);
        await waiting;
        held.finish();
        assert.equal((await ended('waited')).outcome, 'completed');
      },
    ),
    as('keeps what an error says that nobody has looked at out of all it tells', async (trial) => {
      const { orchestrator, steps, ended, events } = trial;
      steps.failNext('lab1/1 install', ...[1, 2, 3].map(() => new Error('password hunter2 was refused')));
      await orchestrator.start(sampleRollout('secret'));
      const status = await ended('secret');
      assert.equal(status.boards[0]?.nodes[0]?.failure?.code, 'UNEXPECTED');
      assert.ok(!JSON.stringify([status, await events('secret')]).includes('hunter2'));
    }),
    as('knows the agents that serve it', async ({ orchestrator, signal }) => {
      const places = async () => (await orchestrator.status()).agents.map(({ id, site }) => `${id} ${site}`);
      // One that has just begun is known as soon as it has asked for something to do.
      while ((await places()).length < 2) await sleep(100, undefined, { signal });
      assert.deepEqual((await places()).sort(), ['agent-here here', 'agent-there there']);
    }),
    as('has an agent plan a board', async ({ orchestrator, signal }) => {
      const plans = await orchestrator.plan(
        'here',
        { board: 'lab1', nodes: [1, 3], reinstall: true },
        signal,
      );
      assert.deepEqual(
        plans.map(({ node, hostname, steps }) => [node, hostname, ...steps]),
        [
          [1, 'lab1-1', 'reinstall'],
          [3, 'lab1-3', 'reinstall'],
        ],
      );
      const failing = orchestrator.plan('here', { board: 'unreachable', reinstall: false }, signal);
      await assert.rejects(failing, (error: Error & { code?: string }) => {
        return error.code === 'STEP_FAILED' && !error.message.includes('hunter2');
      });
      const nowhere = orchestrator.plan('nowhere', { board: 'lab1', reinstall: false }, signal);
      await assert.rejects(nowhere, { code: 'AGENT_MISSING' });
    }),
  ];
}

function inWords(event: FleetEvent): string {
  const words: unknown[] = [event.type];
  if ('board' in event)
    words.push('node' in event ? `${event.board}/${event.node} ${event.step} ${event.attempt}` : event.board);
  if ('state' in event) words.push(event.state);
  if ('outcome' in event) words.push(event.outcome);
  return words.join(' ');
}
