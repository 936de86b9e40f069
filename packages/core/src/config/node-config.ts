import type { JumpConfig } from './jump-config.js';

/** One node in a validated configuration. */
export interface NodeConfig {
  readonly ip: string;
  /** Board type, for example `rk1`. */
  readonly board: string;
  readonly macAddress?: string;
  readonly hostname?: string;
  /** Its disk is never erased, whoever approves it. */
  readonly protect?: boolean;
  /** Operating system plugin, for the declarative workflow. */
  readonly os?: string;
  /** How SSH reaches the node when that is not directly at port 22 of its address (port forwarding, virtual board). */
  readonly ssh?: {
    readonly host?: string;
    readonly port?: number;
    /** Its own, or that of all nodes. */
    readonly jump?: JumpConfig;
  };
}
