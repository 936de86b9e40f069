import { createHash } from 'node:crypto';
import type { Lease, PhaseLease } from './lease.js';
import type { PhaseOwner } from './state-document.js';

/**
 * Somebody on another computer, for whom a server asks. It gives its signs of life through that server, and one that is
 * started anew goes on with what it holds.
 */
export interface DistantHolder {
  /** A UUID of this very holding that nobody else knows: who says it is taken for the holder. */
  readonly id: string;
  readonly pid: number;
  readonly host: string;
}

/** A lease of a distant holder, as a server has it at hand: nothing keeps it alive but {@link sign}. */
export interface DistantLease extends Lease {
  /** Gives a sign of life. @throws StateError `STATE_LEASE_LOST`, also when its time is over. */
  sign(): Promise<void>;
}

/** Its lease of a phase. */
export interface DistantPhaseLease extends DistantLease, PhaseLease {
  /** How many entries its journal has. */
  readonly entries: number;
}

/** No computer is called so by its tag: of a process there nothing is known, whatever its host is called. */
const ELSEWHERE = 'elsewhere';

/** By what a distant holder is known on file, where its id must not be read. */
export function distantInstance(id: string): string {
  return `distant.${createHash('sha256').update(id).digest('hex')}`;
}

/** The part of a signature that says who a distant holder is. */
export function distantSigner({
  id,
  pid,
  host,
}: DistantHolder): Pick<PhaseOwner, 'pid' | 'host' | 'computer' | 'instance'> {
  return { pid, host, computer: ELSEWHERE, instance: distantInstance(id) };
}
