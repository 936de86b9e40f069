import type { Secret } from '../secret/secret.js';

/** How to log in to the BMC. */
export interface BmcCredentials {
  readonly username: string;
  /** Undefined when none is configured; a client then fails naming where to put it. */
  readonly password: Secret | undefined;
}

/** How to log in to a node over SSH, from the configuration's `ssh` section. */
export interface SshCredentials {
  readonly username: string | undefined;
  readonly password: Secret | undefined;
  /** A private key in OpenSSH or PEM form. */
  readonly privateKey: Secret | undefined;
  readonly passphrase: Secret | undefined;
  /** Ask the running SSH agent for keys. */
  readonly useAgent: boolean;
}

export interface Credentials {
  readonly bmc: BmcCredentials;
  readonly ssh: SshCredentials;
}
