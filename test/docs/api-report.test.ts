import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';

const ROOT = path.resolve(import.meta.dirname, '../..');
const CHECKED_IN = path.join(ROOT, 'docs/api');
const ADVICE = 'a public declaration changed: if that is meant, `npm run api` writes the report anew';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'turingpi-api-'));
  await promisify(execFile)(process.execPath, [path.join(ROOT, 'scripts/api-report.mjs'), folder]);
}, 300_000); // it reads the declarations of all packages
afterAll(() => rm(folder, { recursive: true, force: true }));

it('there is a report of every public entry and of nothing else', async () => {
  expect((await readdir(CHECKED_IN)).sort(), ADVICE).toEqual((await readdir(folder)).sort());
});

it.each(await readdir(CHECKED_IN))('docs/api/%s is what the entry exports', async (name) => {
  const now = await readFile(path.join(folder, name), 'utf8').catch(() => 'no such entry');
  expect(now, ADVICE).toBe(await readFile(path.join(CHECKED_IN, name), 'utf8'));
});
