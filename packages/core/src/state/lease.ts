import type { NodeName } from '@turingpi/foundation';
import type { PhaseName } from '../phase/phase.js';

/** The right to be the only one at something, for as long as its holder gives signs of life. */
export interface Lease extends AsyncDisposable {
  readonly resource: string;
  /** Grows with each lease of the resource: what carries a lower number comes from somebody who lost it. */
  readonly fence: number;
  /** Fires when somebody else has it, with a StateError `STATE_LEASE_LOST` as its reason. */
  readonly signal: AbortSignal;
  /**
   * Looks on file whether nobody else has it: for who may have been suspended, before the signal knows. Left out by a store
   * whose signal is all there is.
   */
  isHeld?(): Promise<boolean>;
}

/**
 * The right to write the record of one phase of one node. It ends with `finish`; disposed without that, the record is that
 * of a crash.
 */
export interface PhaseLease extends Lease {
  readonly node: NodeName;
  readonly phase: PhaseName;
}

/** Who holds something. */
export interface LeaseHolder {
  /** For people, for example `process 4711 on lab`. */
  readonly name: string;
  /** ISO 8601: when it was taken, by its holder's clock. */
  readonly since?: string;
  /** What its holder was asked for, for example `up`. */
  readonly command?: string;
}

/** How a holder that cannot be asked, as one on another computer, is watched for signs of life. */
export interface LeaseWatch {
  /** Ends the wait. */
  readonly signal: AbortSignal;
  /** Told once, before it takes long. */
  readonly onWatch?: ((holder: LeaseHolder) => void) | undefined;
}

/** Limits of leases, in milliseconds. */
export interface LeaseTimings {
  /** Between two signs of life of a holder. */
  readonly beatMs: number;
  /** A holder whose sign has not changed for this long is gone. */
  readonly staleMs: number;
  /** Between two looks at a holder that is watched. */
  readonly lookMs: number;
}

export const DEFAULT_LEASE_TIMINGS: LeaseTimings = { beatMs: 10_000, staleMs: 45_000, lookMs: 1000 };

/** The name of the lease on a phase of a node. */
export function phaseResource(node: NodeName, phase: PhaseName): string {
  return `${node}.${phase}`;
}
