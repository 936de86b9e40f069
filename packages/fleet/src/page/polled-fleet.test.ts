import { expect, it } from 'vitest';
import { FleetError } from '../orchestrator/fleet-error.js';
import type { FleetStatus } from '../orchestrator/fleet-status.js';
import { PolledFleet } from './polled-fleet.js';

const fleet = { name: 'labs', sites: [], boards: [] };
const nothing: FleetStatus = { rollouts: [], agents: [], draining: [] };
const never = new AbortController().signal;

it('keeps the last picture while nobody answers, says why, and goes on', async () => {
  const away = new FleetError('AGENT_MISSING', 'it is away', { hint: 'Start it.' });
  const answers = [
    () => Promise.resolve({ ...nothing, rollouts: [{ id: 'first', boards: [] }] }),
    () => Promise.reject(away),
    () => Promise.resolve(nothing),
  ];
  const source = new PolledFleet(fleet, {
    status: () => answers.shift()!(),
    cancel: () => Promise.resolve(),
  });
  const seen: [boolean, number][] = [];
  for await (const { problem, rollouts } of source.views(never)) {
    seen.push([problem?.includes('it is away (AGENT_MISSING)') === true, rollouts.length]);
    if (answers.length === 1) source.end(); // which also ends the waiting
  }
  expect(seen).toEqual([
    [false, 1],
    [true, 1],
    [false, 0],
  ]);
});

it('ends with its signal, and asks no more', async () => {
  const stop = new AbortController();
  let asked = 0;
  const status = () => Promise.resolve(((asked += 1), nothing));
  const source = new PolledFleet(fleet, { status, cancel: () => Promise.resolve() });
  for await (const { fleet: name } of source.views(stop.signal)) {
    expect(name).toBe('labs');
    stop.abort();
  }
  expect(asked).toBe(1);
});
