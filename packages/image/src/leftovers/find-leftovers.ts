import { readdir, readFile, stat, statfs } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { isWorkingDirectoryName, OWNER_FILE } from '../working-copy/working-directory-name.js';
import type { FindLeftoversOptions, Leftover } from './leftover.js';
import { findLoopDevices, findMounts } from './kernel-leftovers.js';
import { computerTag, isGone, isRunning, parseProcess, startedAt } from '@turingpi/foundation';
import { parseTemporaryName, type TemporaryOwner } from './temporary-name.js';

/** NFS, SMB, SMB2, CIFS, 9p, Ceph, AFS, FUSE (which may be sshfs). */
const SHARED_FILE_SYSTEMS = [
  0x6969, 0x517b, 0xfe534d42, 0xff534d42, 0x01021997, 0x00c36400, 0x5346414f, 0x65735546,
];
/** Clocks of files and processes differ by this much at most. */
const CLOCK_SLACK_MS = 2000;

/**
 * Finds what dead runs left behind: temporary files, working copies with their mounts and loop devices, containers.
 * What belongs to a process that may still run, or to anybody else, is not among it.
 *
 * @returns In the order in which it is to be removed.
 */
export async function findLeftovers(options: FindLeftoversOptions): Promise<Leftover[]> {
  const files: Leftover[] = [];
  const held: Leftover[] = [];
  for (const directory of new Set(options.directories.map((path) => resolve(path)))) {
    const names = await readdir(directory).catch(() => [] as string[]); // not there, or not ours to read
    for (const name of names) {
      const path = join(directory, name);
      const owner = parseTemporaryName(name);
      if (owner === undefined || !(await isLeft(path, name, owner))) continue;
      files.push({
        kind: isWorkingDirectoryName(name) ? 'working-copy' : 'temporary-file',
        name: path,
        pid: owner.pid,
      });
      if (!isWorkingDirectoryName(name)) continue;
      held.push(
        ...(await findMounts(path, owner.pid)),
        ...(await findLoopDevices(join(path, 'disk.img'), owner.pid)),
      );
    }
  }
  return [...((await options.containers?.find()) ?? []), ...held, ...files];
}

async function isLeft(path: string, name: string, owner: TemporaryOwner): Promise<boolean> {
  const { pid, computer } = owner;
  if (isWorkingDirectoryName(name)) {
    const written = await readFile(join(path, OWNER_FILE), 'utf8').then(parseProcess, () => undefined);
    if (written?.pid === pid) return isGone(written);
  }
  // The name tells no more. One without a computer may be of any that can write there.
  if (computer === undefined ? await isShared(path) : computer !== (await computerTag())) return false;
  if (!isRunning(pid)) return true;
  // The number was given out again when its process is younger than the file.
  const [file, started] = await Promise.all([stat(path).catch(() => undefined), startedAt(pid)]);
  return file !== undefined && started !== undefined && started - CLOCK_SLACK_MS > file.mtimeMs;
}

/** Whether other computers may write there too, whose process numbers are not ours. Types: statfs(2). */
async function isShared(path: string): Promise<boolean> {
  const type = (await statfs(path).catch(() => undefined))?.type;
  return type !== undefined && SHARED_FILE_SYSTEMS.includes(type >>> 0);
}
