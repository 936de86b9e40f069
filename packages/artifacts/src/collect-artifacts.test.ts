import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { array, assert, asyncProperty, boolean, integer, record } from 'fast-check';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { nameOf } from './artifact-place.js';
import { collectArtifacts, noteReferences } from './collect-artifacts.js';

const { signal } = new AbortController();
const NOW = new Date('2026-11-30T12:00:00Z');
const KEEP_DAYS = 30;
let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(path.join(os.tmpdir(), 'turingpi-collect-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

async function artifactOf(index: number, ageDays: number, isSecret: boolean): Promise<string> {
  const sha256 = index.toString(16).padStart(2, '0').repeat(32);
  const file = path.join(directory, nameOf(sha256, isSecret));
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, '');
  const used = new Date(NOW.getTime() - ageDays * 86_400_000);
  await utimes(file, used, used);
  return sha256;
}

const anArtifact = record({ ageDays: integer({ min: 0, max: 90 }), isNamed: boolean(), isSecret: boolean() });

it('what some computer names stays, and what nobody names goes when it was not used for its time', async () => {
  await assert(
    asyncProperty(array(anArtifact, { maxLength: 12 }), async (artifacts) => {
      await rm(directory, { recursive: true, force: true });
      await mkdir(directory);
      const made = await Promise.all(
        artifacts.map(async (artifact, index) => ({
          ...artifact,
          sha256: await artifactOf(index, artifact.ageDays, artifact.isSecret),
        })),
      );
      const named = made.filter(({ isNamed }) => isNamed).map(({ sha256 }) => sha256);
      await noteReferences(directory, '/first', named.slice(0, 2), signal);
      await noteReferences(directory, '/second', named.slice(1), signal);
      const gone = made.filter(({ ageDays, isNamed }) => !isNamed && ageDays >= KEEP_DAYS);
      const removed = await collectArtifacts(directory, KEEP_DAYS, NOW);
      const names = gone.map(({ sha256, isSecret }) => nameOf(sha256, isSecret));
      expect([...removed].sort()).toEqual(names.sort());
    }),
    { numRuns: 40 },
  );
});

it('what another account has marked as used stays for its time, and its marks go with it', async () => {
  const sha256 = await artifactOf(2, 60, false);
  await noteReferences(directory, '/first', [], signal);
  const mark = `${path.join(directory, nameOf(sha256, false))}.used-by-4711`;
  await writeFile(mark, '');
  const used = new Date(NOW.getTime() - 86_400_000);
  await utimes(mark, used, used);
  expect(await collectArtifacts(directory, KEEP_DAYS, NOW)).toEqual([]);
  await utimes(mark, new Date(0), new Date(0));
  expect(await collectArtifacts(directory, KEEP_DAYS, NOW)).toEqual([nameOf(sha256, false)]);
  expect(await readdir(path.join(directory, '02'))).toEqual([]);
});

it('what a computer names no more goes, and what a killed one left unfinished', async () => {
  const sha256 = await artifactOf(1, 60, true);
  await noteReferences(directory, '/first', [sha256], signal);
  expect(await collectArtifacts(directory, KEEP_DAYS, NOW)).toEqual([]);
  const unfinished = path.join(directory, '01', '.x.turingpi-tmp');
  await writeFile(unfinished, '');
  await utimes(unfinished, new Date(0), new Date(0));
  await noteReferences(directory, '/first', [], signal);
  expect(await collectArtifacts(directory, KEEP_DAYS, NOW)).toHaveLength(2);
});

it('a directory that is not mounted is not made up, and nothing goes where nobody has said what he needs', async () => {
  const unmounted = path.join(directory, 'unmounted');
  await expect(noteReferences(unmounted, '/first', [], signal)).rejects.toMatchObject({ code: 'ENOENT' });
  await expect(collectArtifacts(unmounted, KEEP_DAYS, NOW)).rejects.toMatchObject({ code: 'ENOENT' });
  expect(await readdir(directory)).toEqual([]);
  await artifactOf(1, 60, true);
  expect(await collectArtifacts(directory, KEEP_DAYS, NOW)).toEqual([]);
});

it('nothing goes when somebody names files in a way that cannot be read', async () => {
  await artifactOf(1, 60, true);
  await noteReferences(directory, '/first', [], signal);
  await writeFile(path.join(directory, 'references', 'damaged.json'), '{');
  await expect(collectArtifacts(directory, KEEP_DAYS, NOW)).rejects.toThrow(SyntaxError);
  expect(await readdir(path.join(directory, '01'))).toHaveLength(1);
});
