import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import os from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { lastUsed, removeWithMarks } from './used-mark.js';
import { UNFINISHED, writeWholeFile } from './whole-file.js';

const REFERENCES = 'references';
const DAY_MS = 86_400_000;
const NAME = /^([0-9a-f]{64})(?:\.age)?$/;

/** What records of a computer name, kept beside the files: as long as one of them names a file, it stays. */
export interface References {
  /** Whose they are: the computer and its cache directory. */
  readonly owner: string;
  /** SHA-256 of images, hex. */
  readonly images: readonly string[];
}

/** Says what records of this computer name, in place of what it said before. */
export async function noteReferences(
  directory: string,
  cacheDir: string,
  images: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  const owner = `${os.hostname()}:${cacheDir}`;
  const file = join(directory, REFERENCES, `${createHash('sha256').update(owner).digest('hex')}.json`);
  const references: References = { owner, images: [...new Set(images)].sort() };
  await writeWholeFile(
    file,
    Readable.from([Buffer.from(`${JSON.stringify(references)}\n`)]),
    signal,
    'shared',
  );
}

/**
 * Removes the files of a directory that no records name and nobody has used for some days, and what was never finished.
 *
 * @param keepDays - how long an image may be on its way into a record, and a base image be of no use
 * @returns The names of what was removed.
 * @remarks When references cannot be read, or nobody has said any, nothing is removed: every file may be one that they name.
 */
export async function collectArtifacts(
  directory: string,
  keepDays: number,
  now: Date = new Date(),
): Promise<readonly string[]> {
  if (!(await readdir(directory)).includes(REFERENCES)) return [];
  const named = await namedIn(join(directory, REFERENCES));
  const oldest = now.getTime() - keepDays * DAY_MS;
  const removed: string[] = [];
  for (const folder of await readdir(directory)) {
    if (!/^[0-9a-f]{2}$/.test(folder)) continue; // somebody else's
    for (const name of await readdir(join(directory, folder))) {
      const sha256 = NAME.exec(name)?.[1];
      if (sha256 === undefined ? !name.endsWith(UNFINISHED) : named.has(sha256)) continue;
      const file = join(directory, folder, name);
      const used = await lastUsed(file);
      if (used === undefined || used > oldest) continue;
      await removeWithMarks(file);
      removed.push(`${folder}/${name}`);
    }
  }
  return removed;
}

async function namedIn(directory: string): Promise<ReadonlySet<string>> {
  const files = (await readdir(directory)).filter((name) => name.endsWith('.json'));
  const texts = await Promise.all(files.map((name) => readFile(join(directory, name), 'utf8')));
  return new Set(texts.flatMap((text) => (JSON.parse(text) as References).images));
}
