import { mkdir, readdir } from 'node:fs/promises';
import path from 'node:path';
import { expect, it } from 'vitest';
import { requireTemporal } from '../../bench/fleet/temporal-server.js';
import { FleetFolder } from './fleet-folder.js';

const { missing } = requireTemporal();

it.skipIf(missing)(
  'a demonstration kills an agent, and leaves nothing when it is interrupted, once or twice',
  async () => {
    await using folder = await FleetFolder.make(['fleet-temporal']);
    const temporary = path.join(folder.directory, 'temporary');
    await mkdir(temporary);
    const program = process.env['TEMPORAL_PROGRAM'];
    const own = { TMPDIR: temporary, ...(program === undefined ? {} : { TEMPORAL_PROGRAM: program }) };
    const isNote = (pattern: RegExp) => (line: Readonly<Record<string, unknown>>) =>
      line['type'] === 'note' && pattern.test(String(line['text']));
    const early = folder.begin(['demo'], own);
    await early.line(isNote(/its own page is/));
    expect(await early.end('SIGHUP')).toBe(130);
    expect(await readdir(temporary)).toEqual([]);

    const demo = folder.begin(['demo'], own);
    const { text } = await demo.line(isNote(/its own page is/));
    const page = /http:\S+/.exec(String(text))![0];
    expect((await fetch(page)).ok).toBe(true);
    await demo.line(isNote(/kill -9 of (?:north|south)-\d/));
    await demo.line(
      ({ type, failure }) => type === 'step:failed' && JSON.stringify(failure).includes('AGENT_LOST'),
    );
    demo.child.kill('SIGTERM');
    expect(await demo.end('SIGINT')).toBe(130); // at once
    await expect(fetch(page)).rejects.toThrow();
    expect(await readdir(temporary)).toEqual([]);
  },
  300_000,
);
