import type { TuringPiEvent } from '@turingpi/core';
import { expect, it } from 'vitest';
import { WaitingFor } from './waiting-for.js';

const at = '2026-01-02T03:04:05.000Z';
const node = (nodeId: 1 | 2 | 3 | 4) => ({ nodeId, hostname: `n${nodeId}`, at });
const install = (activity: string, warning = false): TuringPiEvent => ({
  ...node(2),
  ...{ type: 'phase:progress', phase: 'os_installation', progress: { activity, warning } },
});

it('says of each node that goes on what a stop waits for', () => {
  const waiting = new WaitingFor();
  const events: TuringPiEvent[] = [
    { ...node(3), type: 'phase:started', phase: 'image_customization', reason: 'first run' },
    { ...node(4), type: 'phase:skipped', phase: 'image_customization' },
    { ...node(1), type: 'action:started', phase: 'post_installation', action: 'remote.runCommand', index: 0 },
    install('write'),
    install('note', true),
  ];
  for (const event of events) waiting.event(event);
  expect(waiting.lines).toEqual([
    'Node1: waiting for the action remote.runCommand to end',
    'Node2: waiting for the board to end the transfer',
    'Node3: waiting for image to put down what it has begun',
  ]);
  waiting.event(install('wait for SSH'));
  waiting.event({ ...node(1), type: 'node:aborted', durationMs: 1 });
  waiting.event({ ...node(3), type: 'node:failed', durationMs: 1, code: 'X', message: 'x' });
  expect(waiting.lines).toEqual(['Node2: waiting for "wait for SSH" to end']);
  waiting.event(install('wait'));
  expect(waiting.lines).toEqual([]);
});
