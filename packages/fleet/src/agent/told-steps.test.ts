import { PhaseError } from '@turingpi/core/plugin';
import { describe, expect, it } from 'vitest';
import type { BoardSteps, StepResult, StepTask } from '../orchestrator/board-steps.js';
import { type StepNews, ToldSteps } from './told-steps.js';

const task: StepTask = { rollout: 'r', board: 'b', node: 1, plan: '0'.repeat(64), reinstall: false };
const about = { rollout: 'r', board: 'b', node: 1 };
const done: StepResult = { outcome: 'done', digests: {}, ids: {} };

function told(changes: Partial<BoardSteps>) {
  const news: StepNews[] = [];
  const steps: BoardSteps = {
    plan: () => Promise.resolve([]),
    customise: () => Promise.resolve(done),
    install: () => Promise.resolve(done),
    postInstall: () => Promise.resolve(done),
    ...changes,
  };
  return { news, steps: new ToldSteps(steps, (one) => news.push(one)) };
}

describe('steps that are told of', () => {
  it('say how far they are, each thing once, and how they end', async () => {
    const beats: unknown[] = [];
    const { news, steps } = told({
      customise: (_task, { heartbeat }) => {
        heartbeat({ doing: 'write', part: 0.5 });
        heartbeat({ doing: 'write', part: 0.5 }); // a sign of life
        return Promise.resolve(done);
      },
    });
    const { signal } = new AbortController();
    await steps.customise(task, { signal, heartbeat: (beat) => beats.push(beat) });
    expect(news).toEqual([
      { type: 'step:started', ...about, step: 'customise' },
      { type: 'step:progress', ...about, step: 'customise', doing: 'write', part: 0.5 },
      { type: 'step:completed', ...about, step: 'customise', outcome: 'done' },
    ]);
    expect([beats.length, steps.running]).toEqual([2, 0]);
  });

  it('tell a failure from a cancel, and hand both on', async () => {
    const stop = new AbortController();
    const { news, steps } = told({
      install: () => Promise.reject(new PhaseError('PHASE_INPUT_MISSING', 'not there', { hint: 'h' })),
      postInstall: (_task, { signal }) => (stop.abort(), Promise.reject(signal.reason as Error)),
    });
    const context = { signal: stop.signal, heartbeat: () => undefined };
    await expect(steps.install(task, context)).rejects.toMatchObject({ code: 'PHASE_INPUT_MISSING' });
    await expect(steps.postInstall(task, context)).rejects.toBe(stop.signal.reason);
    const ends = news.filter(({ type }) => type !== 'step:started');
    expect(ends).toMatchObject([
      { type: 'step:failed', failure: { code: 'PHASE_INPUT_MISSING' } },
      { type: 'step:cancelled' },
    ]);
  });
});
