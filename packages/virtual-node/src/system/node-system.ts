import type { ImageFiles } from '@turingpi/image';
import type { CloudInitOutcome } from '../first-boot/cloud-init.js';
import type { Accounts } from './accounts.js';
import type { ConfiguredAddress } from './configured-addresses.js';
import type { Identity } from './identity.js';
import type { NodeFiles } from './node-files.js';

/** The running system of a simulated node, as its commands and its SSH server see it. */
export interface NodeSystem {
  readonly boardType: string;
  readonly bootId: string;
  readonly bootedAt: Date;
  readonly accounts: Accounts;
  readonly cloudInit: CloudInitOutcome;
  readonly addresses: readonly ConfiguredAddress[];
  /** Names of the units that run, changed by `systemctl start` and `stop`. */
  readonly activeUnits: Set<string>;
  /** The programs that run, each by its arguments. */
  readonly processes: Set<readonly string[]>;
  /** Fires when the system goes down. */
  readonly signal: AbortSignal;
  hostname(): Promise<string>;
  setRunningHostname(name: string): void;
  files(identity: Identity): NodeFiles;
  /** Everything on the root filesystem with nobody's permissions; one operation at a time. */
  privileged<T>(operation: (root: ImageFiles) => Promise<T>): Promise<T>;
  /** Says that something was changed through {@link privileged}. */
  changed(): void;
  /** Writes everything held in memory to the eMMC. */
  sync(): Promise<void>;
  /** Prints on the serial console. */
  log(line: string): void;
  reboot(): void;
  powerOff(): void;
}
