import type { SecretSource } from '@turingpi/foundation';

/** Who may log in from the first boot on. */
export interface FirstBootCredentials {
  /** Default: the operating system's customary user. */
  readonly username?: string;
  /**
   * Goes into the image only as a hash; no change at first login is forced. One that is a hash itself (`$6$…`, `$y$…`) is
   * taken as it is, and is then nothing to log in with.
   */
  readonly password?: SecretSource;
  /** Public keys, OpenSSH one-line form. */
  readonly sshKeys?: readonly string[];
  /** Whether SSH takes passwords. Default: only when no key is given. */
  readonly passwordAuthentication?: boolean;
  readonly timezone?: string;
  readonly locale?: string;
  /** Packages to install at first boot; needs a working network on the node. */
  readonly packages?: readonly string[];
}
