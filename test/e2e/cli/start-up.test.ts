import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';
import { recordStartUp } from '../../support/site/start-up.js';

/** What only a run needs. */
const HEAVY = ['zod', 'ssh2', 'pino', 'yaml', 'tsyringe', 'lowdb', 'undici', 'core', 'provisioning', 'linux'];
/** A little more than what is loaded today: each costs about a millisecond. */
const FILES = 20;

it.each([['--help'], ['--version'], ['up', '--help'], ['state', '--help']])(
  'shows %s %s without loading what only a run needs',
  async (...parameters) => {
    const cwd = await mkdtemp(path.join(os.tmpdir(), 'turingpi-help-'));
    try {
      const { exitCode, packages, files, connections } = await recordStartUp(parameters, cwd);
      expect({ exitCode, connections }).toEqual({ exitCode: 0, connections: 0 });
      expect(packages).toContain('commander'); // what is recorded is recorded
      expect([...packages].filter((name) => HEAVY.includes(name))).toEqual([]);
      expect(files).toBeLessThan(FILES);
    } finally {
      await rm(cwd, { recursive: true, force: true });
    }
  },
);
