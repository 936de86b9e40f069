import { lstat, readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { ProcessLock } from '@turingpi/foundation';
import { imageExtension } from '../download/image-extension.js';
import type { CacheEntry, CacheEntryKind } from './cache-entry.js';
import { BASES, BLOCKS, DOWNLOADS, REQUESTS } from './cache-folders.js';
import type { RecordedResults } from './recorded-results.js';

export interface CacheLocation {
  readonly cacheDir: string;
  /** What is recorded of the images in it. */
  readonly recorded: RecordedResults;
}

const IMAGE = /^[^.].*\.img(\.xz)?$/u;
/** Customised images are called after their node: one label of a host name (RFC 1123). */
const RESULT = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.img\.xz$/u;
const DOWNLOAD = /^([0-9a-f]{64})(\.[a-z0-9.]+)$/u;
const BASE = /^[0-9a-f]{64}\.img\.xz$/u;
const BLOCK = /^[0-9a-f]{64}-([0-9a-f]{64})\.(?:xz|pages)$/u;

/** A request, by node and plan, or the content of a file in it. */
const REQUEST = /^(?:(?:[a-z0-9-]+\.)?Node[1-4]-[0-9a-f]{64}\.json|([0-9a-f]{64}))$/u;

/** What a name says about its file. */
interface Named {
  readonly kind: CacheEntryKind;
  readonly sha256: string | undefined;
}

/**
 * Lists what lies in a cache directory. What is not ours by its name and place is not in it, and symlinks are not followed.
 *
 * @returns Sorted by last use, the longest unused first. Empty when there is no such directory.
 */
export async function listCache({ cacheDir, recorded }: CacheLocation): Promise<CacheEntry[]> {
  const root = resolve(cacheDir);
  const entries = [
    ...(await entriesIn(root, '', recorded, (name) =>
      IMAGE.test(name) ? { kind: 'result', sha256: undefined } : undefined,
    )),
    ...(await entriesIn(root, DOWNLOADS, recorded, namedDownload)),
    ...(await entriesIn(root, BASES, recorded, (name) =>
      BASE.test(name) ? { kind: 'base', sha256: undefined } : undefined,
    )),
    ...(await entriesIn(root, BLOCKS, recorded, (name) => {
      const sha256 = BLOCK.exec(name)?.[1];
      return sha256 === undefined ? undefined : { kind: 'block', sha256 };
    })),
    ...(await entriesIn(root, REQUESTS, recorded, (name) => {
      const found = REQUEST.exec(name);
      return found === null ? undefined : { kind: 'request', sha256: found[1] };
    })),
  ];
  return entries.sort((a, b) => a.lastUsed.getTime() - b.lastUsed.getTime());
}

function namedDownload(name: string): Named | undefined {
  const [, sha256, extension] = DOWNLOAD.exec(name) ?? [];
  if (sha256 === undefined) return undefined;
  if (extension === '.partial') return { kind: 'partial-download', sha256: undefined };
  return imageExtension(name) === extension ? { kind: 'download', sha256 } : undefined;
}

async function entriesIn(
  root: string,
  folder: string,
  recorded: RecordedResults,
  named: (name: string) => Named | undefined,
): Promise<CacheEntry[]> {
  const directory = join(root, folder);
  const entries: CacheEntry[] = [];
  for (const name of await readdir(directory).catch(() => [] as string[])) {
    const known = named(name);
    const path = join(directory, name);
    const stat = known && (await lstat(path).catch(() => undefined)); // gone meanwhile
    if (!known || !stat?.isFile()) continue;
    if (known.kind === 'result' && !isOurs(path, name, stat.mode, recorded)) continue;
    const note = known.kind === 'download' ? await readNote(directory, name.slice(0, 64)) : undefined;
    const isRecorded =
      known.kind === 'request' || // they are few, and the images on record are made again by them
      (known.kind === 'result' && (recorded.unreadable || recorded.digests.has(path)));
    entries.push({
      kind: known.kind,
      path,
      sizeBytes: stat.size,
      lastUsed: new Date(Math.max(stat.mtimeMs, stat.atimeMs, note?.usedAtMs ?? 0)),
      mode: process.platform === 'win32' ? undefined : stat.mode & 0o7777,
      sha256: known.sha256 ?? recorded.digests.get(path),
      recorded: isRecorded,
      inUse: await useOf(known.kind, path, recorded),
      origin: note?.origin,
    });
  }
  return entries;
}

/** A user may keep images of his own there: what no record names must look like ours, and be readable by nobody else. */
function isOurs(path: string, name: string, mode: number, recorded: RecordedResults): boolean {
  if (recorded.digests.has(path)) return true;
  return RESULT.test(name) && (process.platform === 'win32' || (mode & 0o077) === 0);
}

/** Who needs a file now. Results are replaced as a whole, and read only by runs that check them first. */
async function useOf(
  kind: CacheEntryKind,
  path: string,
  recorded: RecordedResults,
): Promise<string | undefined> {
  if (recorded.running) return 'a run is under way';
  if (kind !== 'partial-download') return undefined;
  const isHeld = await ProcessLock.isHeld(path.slice(0, -'.partial'.length));
  return isHeld ? 'it is being downloaded' : undefined;
}

async function readNote(
  directory: string,
  sha256: string,
): Promise<{ origin: string | undefined; usedAtMs: number } | undefined> {
  const path = join(directory, `${sha256}.json`);
  try {
    const { mtimeMs } = await lstat(path);
    const { url } = JSON.parse(await readFile(path, 'utf8')) as { url?: unknown };
    return { origin: typeof url === 'string' ? url : undefined, usedAtMs: mtimeMs };
  } catch {
    return undefined; // only a remark
  }
}
