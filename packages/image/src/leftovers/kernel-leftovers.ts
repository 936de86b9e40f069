import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { runHostCommand } from './host-command.js';
import type { Leftover } from './leftover.js';

/** Mounts below a directory (proc(5), mountinfo), the innermost first; none where the system does not tell. */
export async function findMounts(directory: string, pid: number): Promise<Leftover[]> {
  const text = await readFile('/proc/self/mountinfo', 'utf8').catch(() => '');
  return text
    .split('\n')
    .flatMap((line) => line.split(' ')[4] ?? [])
    .map(unescape)
    .filter((path) => path.startsWith(`${directory}/`))
    .reverse()
    .map((name) => ({ kind: 'mount', name, pid }));
}

/** Loop devices whose file is this one, also when a container attached it under another path. */
export async function findLoopDevices(file: string, pid: number): Promise<Leftover[]> {
  const backing = await stat(file).catch(() => undefined);
  if (backing === undefined) return [];
  const found: Leftover[] = [];
  for (const name of await readdir('/sys/block').catch(() => [] as string[])) {
    if (!name.startsWith('loop')) continue;
    const path = await readFile(join('/sys/block', name, 'loop/backing_file'), 'utf8').catch(() => '');
    const isSame = path.trimEnd() === file || (await backs(name, path.trimEnd(), backing));
    if (isSame) found.push({ kind: 'loop-device', name: `/dev/${name}`, pid });
  }
  return found;
}

/** A container sees the file as `/work/disk.img`; that two paths mean one file only losetup tells (`BACK-INO`). */
async function backs(
  name: string,
  path: string,
  backing: { readonly ino: number; readonly dev: number },
): Promise<boolean> {
  if (!path.endsWith('/disk.img')) return false;
  const args = ['--noheadings', '--raw', '--output', 'BACK-INO,BACK-MAJ:MIN', `/dev/${name}`];
  const { stdout } = await runHostCommand('losetup', args).catch(() => ({ stdout: '' }));
  return stdout.trim() === `${backing.ino} ${majorMinor(backing.dev)}`;
}

/** Linux packs device numbers so (makedev(3)). */
function majorMinor(device: number): string {
  const low = device % 2 ** 32;
  const major = Math.floor((low & 0xfff00) / 256);
  const minor = (low & 0xff) | ((low >>> 12) & 0xfff00);
  return `${major}:${minor}`;
}

/** Spaces and the like in mountinfo are octal. */
function unescape(path: string): string {
  return path.replace(/\\([0-7]{3})/gu, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}
