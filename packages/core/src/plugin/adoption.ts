import type { Context } from '../cluster/context.js';
import type { InstalledNode } from '../phase/phase.js';
import type { Secret } from '../secret/secret.js';

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

/** What a node says of itself. */
export interface AdoptedNode {
  readonly installed: InstalledNode;
  /**
   * What its image was made from, one SHA-256 for each named input (hex); undefined for a system that was not made by
   * this program: then there is nothing to compare the configuration with.
   */
  readonly inputs?: Readonly<Record<string, string>> | undefined;
  /** The version of the steps that made the image, where the node tells it. */
  readonly recipe?: number | undefined;
}
