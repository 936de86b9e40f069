import type { Secret } from '@turingpi/foundation';
import type { FirstBootCredentials } from '../image/first-boot-credentials.js';
import type { NetworkConfig } from '../image/network-config.js';

/** What a declared workflow asks of an operating system for one node, with its secrets read. */
export interface OsSettings {
  /** Undefined while the configuration has errors that the network follows from. */
  readonly network: NetworkConfig | undefined;
  readonly credentials: FirstBootCredentials;
  /** What nodes are logged in to with. */
  readonly ssh: {
    readonly privateKey: Secret | undefined;
    readonly passphrase: Secret | undefined;
  };
}

/** One setting that cannot be. */
export interface OsSettingProblem {
  /** Where it is in {@link OsSettings}, for example `['credentials', 'sshKeys', 0]`. */
  readonly setting: readonly (string | number)[];
  /** The error that the phase would end in. */
  readonly code: string;
  readonly message: string;
  readonly hint: string;
}
