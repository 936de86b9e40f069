import { readFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { computerTag } from './computer-tag.js';

/** One incarnation of a process: its number alone is given out again. JSON-safe. */
export interface ProcessIdentity {
  readonly pid: number;
  readonly host: string;
  /** See {@link computerTag}: two computers may have one name. */
  readonly computer?: string;
  /** Boot and start time in clock ticks; undefined where the system does not tell. */
  readonly start?: string;
}

/** This process. */
export async function thisProcess(): Promise<ProcessIdentity> {
  return identify(process.pid);
}

/**
 * Whether the process that left something behind is gone. A process of another host is never taken for gone: nothing
 * here could know.
 */
export async function isGone(owner: ProcessIdentity): Promise<boolean> {
  if (!(await isOfThisComputer(owner))) return false;
  if (!isRunning(owner.pid)) return true;
  const { start } = await identify(owner.pid);
  return owner.start !== undefined && start !== undefined && owner.start !== start;
}

/** Whether a process runs, or ran, where its number means something to us. */
export async function isOfThisComputer({ host, computer }: ProcessIdentity): Promise<boolean> {
  return host === hostname() && (computer === undefined || computer === (await computerTag()));
}

/** An identity from its JSON; undefined when that is damaged, for its writer was killed on the way. */
export function parseProcess(text: string): ProcessIdentity | undefined {
  try {
    const { pid, host, computer, start } = JSON.parse(text) as Record<string, unknown>;
    if (typeof pid !== 'number' || typeof host !== 'string') return undefined;
    return {
      pid,
      host,
      ...(typeof computer === 'string' ? { computer } : {}),
      ...(typeof start === 'string' ? { start } : {}),
    };
  } catch {
    return undefined;
  }
}

/** Whether a process of this number exists, whoever runs it. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'; // there, but somebody else's
  }
}

/** When a process started, in milliseconds since the epoch; undefined where the system does not tell. */
export async function startedAt(pid: number): Promise<number | undefined> {
  try {
    const [system, ticks] = await Promise.all([readFile('/proc/stat', 'utf8'), startTicks(pid)]);
    const boot = /^btime (\d+)$/mu.exec(system)?.[1];
    // 100 ticks a second is the kernel's unit for user space (USER_HZ) on every Linux that Node runs on.
    return boot === undefined ? undefined : Number(boot) * 1000 + Number(ticks) * 10;
  } catch {
    return undefined;
  }
}

async function identify(pid: number): Promise<ProcessIdentity> {
  const [host, computer] = [hostname(), await computerTag()];
  try {
    const [boot, ticks] = await Promise.all([
      readFile('/proc/sys/kernel/random/boot_id', 'utf8'),
      startTicks(pid),
    ]);
    return { pid, host, computer, start: `${boot.trim()}:${ticks}` };
  } catch {
    return { pid, host, computer };
  }
}

/** Field 22 of /proc/PID/stat (proc(5)). */
async function startTicks(pid: number): Promise<string> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8');
  const afterName = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return afterName[19] ?? '';
}
