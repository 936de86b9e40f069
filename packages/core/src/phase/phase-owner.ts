import { readFile } from 'node:fs/promises';
import os from 'node:os';
import type { PhaseOwner } from '../state/state-document.js';

/** This process, as it signs a running phase. `instance` tells the cluster objects of one process apart. */
export async function currentOwner(startedAt: Date, instance: string, now: Date): Promise<PhaseOwner> {
  const processStart = await processStartOf(process.pid);
  return {
    pid: process.pid,
    host: os.hostname(),
    ...(processStart === undefined ? {} : { process_start: processStart }),
    instance,
    started_at: startedAt.toISOString(),
    heartbeat: now.toISOString(),
  };
}

/** What this machine knows at once of somebody who signed a running phase; of one on another host it knows nothing. */
export async function lifeOf(
  owner: PhaseOwner,
  instance: string,
): Promise<'self' | 'runs' | 'gone' | 'unknown'> {
  if (owner.instance === instance) return 'self';
  if (owner.host !== os.hostname()) return 'unknown';
  try {
    process.kill(owner.pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM' ? 'runs' : 'gone'; // there, but somebody else's
  }
  const processStart = await processStartOf(owner.pid);
  const isSame =
    owner.process_start === undefined || processStart === undefined || processStart === owner.process_start;
  return isSame ? 'runs' : 'gone';
}

/**
 * Identifies one incarnation of a process number, on Linux by the boot and the start time in clock ticks (field 22 of
 * /proc/PID/stat); undefined where that is not to be had.
 */
async function processStartOf(pid: number): Promise<string | undefined> {
  try {
    const [boot, stat] = await Promise.all([
      readFile('/proc/sys/kernel/random/boot_id', 'utf8'),
      readFile(`/proc/${pid}/stat`, 'utf8'),
    ]);
    const afterName = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return `${boot.trim()}:${afterName[19] ?? ''}`;
  } catch {
    return undefined;
  }
}
