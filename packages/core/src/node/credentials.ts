import type { BmcConfig } from '../config/cluster-config.js';
import type { Secret } from '@turingpi/foundation';

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
  /** How to log in to the BMC; without a password, whoever needs one says where to put it. */
  readonly bmc: Pick<BmcConfig, 'username' | 'password'>;
  readonly ssh: SshCredentials;
}
