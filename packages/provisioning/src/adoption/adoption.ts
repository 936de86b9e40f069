import type { Context } from '@turingpi/core/plugin';

import type { Secret } from '@turingpi/foundation';

/** A host key that is not known, for a person to compare. */
export interface UnknownHostKey {
  /** OpenSSH one-line form. */
  readonly publicKey: string;
  /** As `ssh-keygen -l` prints it. */
  readonly fingerprint: string;
}

/** What an operating system is asked when a node that runs is to be taken as it is. */
export interface AdoptionRequest {
  readonly context: Context;
  /** Who logs in, as far as the configuration's workflow says it; the cluster's own credentials are in the context. */
  readonly login: {
    readonly username?: string | undefined;
    readonly password?: Secret | undefined;
    readonly sshKeys?: readonly string[] | undefined;
  };
  /** Decides about the key that the node shows, before anything secret is sent to it. */
  confirmKey(key: UnknownHostKey): Promise<boolean>;
}
