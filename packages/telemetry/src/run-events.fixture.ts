import type { LiveRunEvent } from '@turingpi/core/plugin';

const START = Date.parse('2026-01-02T03:04:05.000Z');
export const RUN_ID = '20260102T030405000-9f86d0';

type Untimed<E> = E extends unknown ? Omit<E, 'runId' | 'at'> : never;

/** The time so many milliseconds after the beginning of the run. */
export const at = (ms: number): string => new Date(START + ms).toISOString();

/** Events of one run, each with the time at which it happens, in ms after its beginning. */
export function runEvents(
  ...timed: readonly (readonly [ms: number, event: Untimed<LiveRunEvent>])[]
): readonly LiveRunEvent[] {
  return timed.map(([ms, event]) => ({ ...event, runId: RUN_ID, at: at(ms) }));
}

export const one = { nodeId: 1, hostname: 'lab-1' } as const;
export const two = { nodeId: 2, hostname: 'lab-2' } as const;
const post = { phase: 'post_installation' } as const;
const failure = {
  code: 'COMMAND_FAILED',
  message: 'htop is not there',
  hint: 'a hint',
  console: ['a line of the console'],
} as const;

/** A run of two nodes: one has an action that fails, the other is left alone. */
export const eventfulRun = runEvents(
  [
    0,
    {
      ...{ type: 'run:started', schema: 1, command: 'up', version: '0.1.0', pid: 1, host: 'desk' },
      boards: [{ address: '10.0.0.2', simulated: true }],
      nodes: [
        { nodeId: 1, hostname: 'lab-1', module: 'rk1', address: '10.0.0.11' },
        { nodeId: 2, hostname: 'lab-2', module: 'rk1', address: '10.0.0.12' },
      ],
    },
  ],
  [1, { type: 'run:note', text: 'a note of the run' }],
  [2, { type: 'node:started', ...one }],
  [3, { type: 'node:started', ...two }],
  [
    500,
    {
      type: 'resource:acquired',
      phase: 'image_customization',
      ...one,
      resource: 'image-work',
      waitedMs: 400,
    },
  ],
  [
    510,
    {
      ...{
        type: 'phase:started',
        phase: 'image_customization',
        ...one,
        reason: 'inputs changed',
        note: 'secret note',
      },
      changes: [{ name: 'network.hostname', before: 'secret before', after: 'secret after' }],
    },
  ],
  [
    600,
    {
      ...{ type: 'phase:progress', phase: 'image_customization', ...one },
      progress: { activity: 'write', note: 'secret progress' },
    },
  ],
  [700, { type: 'resource:released', phase: 'image_customization', ...one, resource: 'image-work' }],
  [710, { type: 'phase:completed', phase: 'image_customization', ...one, durationMs: 200 }],
  [720, { type: 'phase:skipped', phase: 'os_installation', ...one, note: 'secret skip' }],
  [730, { type: 'action:replayed', ...post, ...one, action: 'local.copyFile', index: 0 }],
  [740, { type: 'phase:started', ...post, ...one, reason: 'previous run failed' }],
  [
    741,
    { type: 'action:started', ...post, ...one, action: 'remote.runCommand', index: 1, note: 'secret action' },
  ],
  [
    800,
    {
      type: 'action:completed',
      ...post,
      ...one,
      action: 'remote.runCommand',
      index: 1,
      durationMs: 59,
      changed: false,
    },
  ],
  [801, { type: 'action:started', ...post, ...one, action: 'remote.aptInstall', index: 2 }],
  [
    850,
    {
      type: 'phase:blocked',
      phase: 'os_installation',
      ...two,
      code: 'ERASE_NOT_APPROVED',
      message: 'not approved',
    },
  ],
  [
    851,
    { type: 'node:blocked', ...two, durationMs: 848, code: 'ERASE_NOT_APPROVED', message: 'not approved' },
  ],
  [
    900,
    {
      type: 'action:failed',
      ...post,
      ...one,
      action: 'remote.aptInstall',
      index: 2,
      durationMs: 99,
      ...failure,
    },
  ],
  [901, { type: 'phase:failed', ...post, ...one, durationMs: 200, ...failure }],
  [902, { type: 'node:failed', ...one, durationMs: 900, ...failure }],
  [905, { type: 'run:ended', outcome: 'failed', durationMs: 905 }],
);
