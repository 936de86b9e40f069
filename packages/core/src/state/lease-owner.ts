import { readFile } from 'node:fs/promises';
import { computerTag } from '@turingpi/foundation';
import { type DistantHolder, distantSigner } from './distant-holder.js';
import type { LeaseHolder } from './lease.js';
import type { PhaseOwner } from './state-document.js';

/** Who signs: one opened store of one process. */
export interface LeaseSigner {
  readonly host: string;
  /** Tells the stores of one process apart. */
  readonly instance: string;
}

/** What a lease is signed with, besides who signs. */
export interface SignedWith {
  readonly ttlMs?: number | undefined;
  readonly command?: string | undefined;
  /** For whom it is signed; default: this process. */
  readonly distant?: DistantHolder | undefined;
}

/** A signature of this process, or of a distant holder for whom it signs. */
export async function signatureOf(
  signer: LeaseSigner,
  now: Date,
  { ttlMs, command, distant }: SignedWith,
): Promise<PhaseOwner> {
  return {
    ...(distant === undefined ? await ownSignature(signer) : distantSigner(distant)),
    started_at: now.toISOString(),
    heartbeat: now.toISOString(),
    ...(ttlMs === undefined ? {} : { ttl_ms: ttlMs }),
    ...(command === undefined ? {} : { command }),
  };
}

async function ownSignature({ host, instance }: LeaseSigner) {
  const processStart = await processStartOf(process.pid);
  return {
    ...{ pid: process.pid, host, computer: await computerTag(), instance },
    ...(processStart === undefined ? {} : { process_start: processStart }),
  };
}

/** What this machine knows at once of somebody who signed; of one on another host it knows nothing. */
export async function lifeOf(
  owner: PhaseOwner,
  { host, instance }: LeaseSigner,
): Promise<'self' | 'runs' | 'gone' | 'unknown'> {
  if (owner.instance === instance) return 'self';
  if (owner.host !== host) return 'unknown';
  if (owner.computer !== undefined && owner.computer !== (await computerTag())) return 'unknown';
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

/** An owner, for people. */
export function holderOf({ pid, host, started_at: since, command }: PhaseOwner): LeaseHolder {
  return { name: `process ${pid} on ${host}`, since, ...(command === undefined ? {} : { command }) };
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
