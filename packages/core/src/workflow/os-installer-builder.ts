import type { Context } from '../cluster/context.js';
import type { SecretSource } from '../secret/secret.js';
import type { CustomizedImage, InstalledNode } from '../phase/phase.js';

/** How the operating system gets onto the node and what is awaited. */
export interface OsInstallerOptions {
  /** Password of the first user; no change at first login is forced. */
  readonly initialUserPassword?: SecretSource;
  /** Name of the first user. Default: the operating system's customary one. */
  readonly username?: string;
  /** The board plugin's installation strategy. Default: its first. */
  readonly strategy?: string;
  /** Do not wait until the node is up; the phase then ends when it is powered on. */
  readonly skipBootWait?: boolean;
  /** How long the node may take to come up, in milliseconds. Default 10 minutes. */
  readonly bootTimeoutMs?: number;
}

/** What is the same for every operating system. */
export interface GenericInstallConfig {
  readonly sshKeys?: readonly string[];
  readonly passwordAuthentication?: boolean;
  readonly timezone?: string;
  readonly locale?: string;
  readonly packages?: readonly string[];
}

/** Phase 2: gets the customised image onto the node and waits until the node is really up. */
export interface OsInstallerBuilder {
  usingImage(image: CustomizedImage): this;
  withGenericConfig(config: GenericInstallConfig): this;
  run(context: Context): Promise<InstalledNode>;
}
