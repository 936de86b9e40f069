import { expect, it } from 'vitest';
import { FleetFolder } from './fleet-folder.js';

it('who finds no engine says so, and ends: whatever started it tries it again', async () => {
  await using folder = await FleetFolder.make(['fleet-temporal']);
  await folder.write({
    fleet: 'labs',
    engine: { temporal: { address: '127.0.0.1:9' } },
    sites: { north: {} },
    boards: { rack1: { site: 'north' } },
  });
  const commands = [['agent', '--site', 'north'], ['controller'], ['status']];
  for (const { exitCode, stdout } of await Promise.all(commands.map((words) => folder.run(...words))))
    expect([exitCode, stdout]).toEqual([4, expect.stringContaining('FLEET_ENGINE_UNREACHABLE') as string]);
}, 60_000);
