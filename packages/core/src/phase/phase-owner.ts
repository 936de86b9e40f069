import { readFile } from 'node:fs/promises';
import os from 'node:os';
import type { PhaseOwner } from '../state/state-document.js';

/** After this time a record of another host is taken for a crash: nothing here takes that long. */
const FOREIGN_OWNER_MAX_AGE_MS = 6 * 60 * 60 * 1000;

/** This process, as it signs a running phase. `instance` tells the cluster objects of one process apart. */
export async function currentOwner(startedAt: Date, instance: string): Promise<PhaseOwner> {
  const processStart = await processStartOf(process.pid);
  return {
    pid: process.pid,
    host: os.hostname(),
    ...(processStart === undefined ? {} : { process_start: processStart }),
    instance,
    started_at: startedAt.toISOString(),
  };
}

/** Whether somebody else who signed a running phase still runs, as far as this machine can tell. */
export async function isRunBySomebodyElse(owner: PhaseOwner, instance: string, now: Date): Promise<boolean> {
  if (owner.instance === instance) return false;
  if (owner.host !== os.hostname())
    return now.getTime() - Date.parse(owner.started_at) < FOREIGN_OWNER_MAX_AGE_MS;
  try {
    process.kill(owner.pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'; // there, but somebody else's
  }
  const processStart = await processStartOf(owner.pid);
  return (
    owner.process_start === undefined || processStart === undefined || processStart === owner.process_start
  );
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
