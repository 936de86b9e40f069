import type { CredentialPlan } from '../credential/credential-plan.js';
import type { NetworkConfig } from '../image/network-config.js';

/** What is asked of the image of one node. */
export interface SystemRequest {
  /** Type of the node's module, for example `rk1`. */
  readonly board: string;
  readonly network: NetworkConfig;
  /** Who may log in and what else is set at the first boot, its password read; undefined when nothing is asked. */
  readonly credentials: CredentialPlan | undefined;
  /** Take an image that does not fit the board, or this system. */
  readonly acceptMismatch: boolean;
  /** Commands will run as root on the node: an image in which its user could not become root is of no use. */
  readonly requiresRoot: boolean;
}
