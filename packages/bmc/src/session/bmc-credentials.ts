import type { Secret } from '@turingpi/foundation';

/** How to log in to the BMC. */
export interface BmcCredentials {
  readonly username: string;
  /** Undefined when none is configured; a client then fails naming where to put it. */
  readonly password: Secret | undefined;
}
