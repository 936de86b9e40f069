import type { SecretSource } from '@turingpi/foundation';

/** The login that an image ships with, for images whose password must be changed at the first login. */
export interface FirstLoginOptions {
  /** Default: the customary one of the image's makers, for example `ubuntu`. */
  readonly username?: string;
  /** The password as shipped. Default: the customary one. */
  readonly password?: SecretSource;
  /** Where the password is changed. Default: over SSH, and on the serial console when SSH does not let us. */
  readonly over?: 'ssh' | 'console';
}

/** How the operating system gets onto the node and what is awaited. */
export interface OsInstallerOptions {
  /** Password of the first user; no change at first login is forced. */
  readonly initialUserPassword?: SecretSource;
  /** Name of the first user. Default: the operating system's customary one. */
  readonly username?: string;
  /** The board plugin's installation strategy. Default: its first. */
  readonly strategy?: string;
  /** The strategy that is used instead for now. What is compared with the record is still {@link strategy}. */
  readonly strategyForNow?: string;
  /**
   * Where the system goes, for a strategy that lets choose: `network` has `emmc` (default), `nvme` for one that is empty, and
   * `nvme:SERIAL` for just that one, whatever is on it.
   */
  readonly target?: string;
  /** Do not wait until the node is up; the phase then ends when it is powered on. */
  readonly skipBootWait?: boolean;
  /** How long the node may take to come up, in milliseconds. Default 10 minutes. */
  readonly bootTimeoutMs?: number;
  /**
   * Leaves the image's accounts as they come: logs in with what the image ships, changes its password to
   * `initialUserPassword`, and adds the keys then. Default: the accounts are prepared in the image, and nothing is left
   * to change; only an image that holds no accounts of ours and cannot be made again is treated this way by itself.
   */
  readonly firstLogin?: FirstLoginOptions;
}

/** What is the same for every operating system. */
export interface GenericInstallConfig {
  readonly sshKeys?: readonly string[];
  readonly passwordAuthentication?: boolean;
  readonly timezone?: string;
  readonly locale?: string;
  readonly packages?: readonly string[];
}

export interface UseImageOptions {
  /** Installs an image that was made for another node: with its name, address and host keys. Default false. */
  readonly acceptOtherNode?: boolean;
}
