import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { PhaseStatus, TuringPi } from '@turingpi/core';
import { describe, expect, it } from 'vitest';
import { HARDWARE_ASSUMPTIONS, untriedHardwareNote } from './untried-hardware.js';

const ROOT = path.resolve(import.meta.dirname, '../../../..');

const cluster = (ip: string, installation: { status: PhaseStatus; erased?: boolean }) =>
  ({
    config: { ip },
    status: () => Promise.resolve(new Map([[1, { os_installation: installation }]])),
  }) as unknown as TuringPi;

describe('what is said of hardware that nobody has tried', () => {
  it.each<[string, { status: PhaseStatus; erased?: boolean }, boolean]>([
    ['192.168.1.90', { status: 'pending' }, true],
    ['turingpi.local', { status: 'failed' }, true],
    ['192.168.1.90', { status: 'completed' }, false],
    ['192.168.1.90', { status: 'failed', erased: true }, false],
    ['127.0.0.1', { status: 'pending' }, false],
    ['::1', { status: 'pending' }, false],
  ])('%s, %j: %s', async (ip, installation, said) => {
    const note = await untriedHardwareNote(cluster(ip, installation));
    expect(note !== undefined).toBe(said);
    if (said) expect(note).toContain('no physical board has run it');
  });

  it('counts what the checklist lists, as the README does', async () => {
    const checklist = await readFile(path.join(ROOT, 'docs/hardware-checklist.md'), 'utf8');
    const lines = checklist.split('\n').filter((line) => /^\| \d+ /.test(line));
    const confirmed = lines.filter((line) => line.split('|').at(-2)?.trim() !== '-');
    expect(HARDWARE_ASSUMPTIONS).toEqual({ confirmed: confirmed.length, all: lines.length });
    const readme = await readFile(path.join(ROOT, 'README.md'), 'utf8');
    expect(readme).toContain(`confirmed: ${confirmed.length} of ${lines.length}\n`);
  });
});
