import { createHash } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync, readlinkSync, type Stats } from 'node:fs';
import type { FileSystem, FileType } from '@turingpi/image';

/** All that two filesystems are compared by, as one line of text for each path. */
export type Snapshot = ReadonlyMap<string, string>;

const TIMES_THAT_WERE_SET_END = new Date('2010-01-01').getTime();

interface Facts {
  readonly type: FileType;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly size: number;
  readonly links: number;
  readonly inode: number;
  readonly mtime: Date;
  readonly content: string;
}

/** Reads a whole filesystem with our driver. */
export async function snapshotWithDriver(fs: FileSystem): Promise<Snapshot> {
  const snapshot = new Map<string, string>();
  const firstNames = new Map<number, string>();
  const visit = async (path: string): Promise<void> => {
    const stat = await fs.lstat(path || '/');
    if (!stat) throw new Error(`${path} is listed but not there`);
    let content = '';
    if (stat.type === 'file') {
      const hash = createHash('sha256');
      for await (const chunk of fs.readStream(path)) hash.update(chunk as Buffer);
      content = hash.digest('hex');
    } else if (stat.type === 'symlink') content = await fs.readLink(path);
    snapshot.set(path, describe({ ...stat, content }, path, firstNames));
    if (stat.type !== 'directory') return;
    const names = (await fs.list(path || '/')).map(({ name }) => name).sort();
    for (const name of names) await visit(`${path}/${name}`);
  };
  await visit('');
  return snapshot;
}

/** Reads a whole filesystem through the kernel, below a mount point. */
export function snapshotNatively(root: string): Snapshot {
  const snapshot = new Map<string, string>();
  const firstNames = new Map<number, string>();
  const visit = (path: string): void => {
    const stat = lstatSync(root + path);
    const type = typeOf(stat);
    let content = '';
    if (type === 'file')
      content = createHash('sha256')
        .update(readFileSync(root + path))
        .digest('hex');
    else if (type === 'symlink') content = readlinkSync(root + path);
    const { uid, gid, size, mtime, nlink: links, ino: inode } = stat;
    const facts = { type, mode: stat.mode & 0o7777, uid, gid, size, links, inode, mtime, content };
    snapshot.set(path, describe(facts, path, firstNames));
    if (type !== 'directory') return;
    for (const name of readdirSync(root + path).sort()) visit(`${path}/${name}`);
  };
  visit('');
  return snapshot;
}

/** The differences of two snapshots, for people. */
export function compareSnapshots(a: Snapshot, b: Snapshot): string[] {
  const differences: string[] = [];
  for (const path of new Set([...a.keys(), ...b.keys()])) {
    if (a.get(path) === b.get(path)) continue;
    differences.push(`${path || '/'}: ${a.get(path) ?? 'missing'} | ${b.get(path) ?? 'missing'}`);
  }
  return differences;
}

function describe(facts: Facts, path: string, firstNames: Map<number, string>): string {
  const { type, mode, uid, gid, size, links, inode, mtime, content } = facts;
  const same = firstNames.get(inode) ?? path;
  firstNames.set(inode, same);
  const directory = type === 'directory';
  // A directory's size depends on its history; a time that no edit set, on the clock.
  const time = mtime.getTime() < TIMES_THAT_WERE_SET_END ? mtime.toISOString() : '';
  return [type, mode.toString(8), uid, gid, directory ? '' : size, links, same, time, content].join(' ');
}

function typeOf(stat: Stats): FileType {
  if (stat.isFile()) return 'file';
  if (stat.isDirectory()) return 'directory';
  if (stat.isSymbolicLink()) return 'symlink';
  if (stat.isFIFO()) return 'fifo';
  if (stat.isSocket()) return 'socket';
  return stat.isBlockDevice() ? 'block-device' : 'character-device';
}
