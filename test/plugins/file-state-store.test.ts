import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { type OpenedState, stateStoreCases } from '@turingpi/conformance';
import { FileStateStore, type LeaseTimings } from '@turingpi/core';
import { describe, it } from 'vitest';

/** For a process of its own, which ends without having given anything back. */
const CLAIM = `
  import { FileStateStore } from '@turingpi/core';
  const [location, node, phase, hash] = process.argv.slice(1);
  const record = () => ({ status: 'running', timestamp: '2026-01-02T03:04:05.678Z' });
  const { signal } = new AbortController();
  await new FileStateStore(location).claim(node, phase, hash, { record, seen: undefined, signal });
  process.exit();
`;

interface OpenedFile extends OpenedState {
  readonly location: string;
}

async function open(): Promise<OpenedFile> {
  const directory = await mkdtemp(path.join(tmpdir(), 'turingpi-state-'));
  const location = path.join(directory, 'state.json');
  const timings: LeaseTimings = { beatMs: 20, staleMs: 300, lookMs: 5 };
  return {
    location,
    ttlMs: timings.staleMs,
    connect: () => Promise.resolve(new FileStateStore(location, { timings })),
    connectElsewhere: ({ suspended }) => {
      const host = 'another-computer';
      const beatMs = suspended ? 60_000 : timings.beatMs;
      return Promise.resolve(new FileStateStore(location, { host, timings: { ...timings, beatMs } }));
    },
    [Symbol.asyncDispose]: () => rm(directory, { recursive: true, force: true, maxRetries: 5 }),
  };
}

describe('the state in a file', () => {
  const cases = stateStoreCases({
    open,
    claimAndDie: async ({ location }, ...claim) => {
      const program = ['--input-type=module', '--eval', CLAIM, '--', location, ...claim];
      await promisify(execFile)(process.execPath, program, { cwd: import.meta.dirname });
    },
    damage: async ({ location }) => {
      await writeFile(location, (await readFile(location, 'utf8')).slice(0, 40));
      return () => readFile(location, 'utf8');
    },
  });
  for (const { name, run } of cases) it(name, run);
});
