import type { Plugin } from '../plugin/define-plugin.js';
import type { CacheLimits } from './cache-limits.js';
import type { NodeConfig } from './node-config.js';
import type { Secret, NodeId } from '@turingpi/foundation';

/** How to reach the board controller. */
export interface BmcConfig {
  /** Default `root`. */
  readonly username: string;
  readonly password: Secret | undefined;
  /** HTTPS port; default 443. */
  readonly port: number;
  /** HTTP port of the unauthenticated information page; default 80. */
  readonly httpPort: number;
  /** SHA-256 of the certificate, `sha256:` and hex. */
  readonly certificateFingerprint: string | undefined;
  /** SHA-256 of the certificate's public key (SPKI), `sha256:` and hex. */
  readonly publicKeyPin: string | undefined;
  /** PEM certificates of the authorities that may vouch for the board, instead of a pinned key. */
  readonly certificateAuthority?: string | undefined;
  /** The name or address that an authority must vouch for; default where the board is reached. */
  readonly certificateName?: string | undefined;
}

export interface NetworkDefaults {
  /** Default: the first address of the nodes' network. */
  readonly gateway: string;
  readonly dnsServers: readonly string[];
  readonly prefixLength: number;
  /** The gateway is reached over the wire although it is in another network than the nodes. */
  readonly onLink: boolean;
  /** `{id}` is replaced by the node's number. */
  readonly hostnamePattern: string;
}

export interface SshConfig {
  readonly username: string | undefined;
  readonly password: Secret | undefined;
  readonly privateKey: Secret | undefined;
  readonly passphrase: Secret | undefined;
  readonly useAgent: boolean;
}

/** A validated configuration: defaults filled in, secrets wrapped, paths absolute. Frozen. */
export interface ClusterConfig extends CacheLimits {
  /** Address or host name of the board controller. */
  readonly ip: string;
  /** Name of the board, where a configuration has several. */
  readonly boardName?: string;
  readonly stateFileName: string;
  /** The id of the store that keeps the state; default `file`. */
  readonly stateStore: string;
  /** What is said of that store, as it is written: its driver has the schema. Undefined where nothing is. */
  readonly stateSettings: unknown;
  readonly nodes: ReadonlyMap<NodeId, NodeConfig>;
  readonly network: NetworkDefaults;
  readonly bmc: BmcConfig;
  readonly ssh: SshConfig;
  /** Plugins that the configuration names: package names, paths, or (from code) plugins; undefined when it names none. */
  readonly plugins: readonly (string | Plugin)[] | undefined;
  /** Whose contribution is meant where several plugins bring the same id: by extension point (`boards`), then by id. */
  readonly replace?: Readonly<Record<string, Readonly<Record<string, string>>>> | undefined;
  /** The declarative workflow, not yet validated; undefined when workflows are given in code. */
  readonly workflow: unknown;
  /** What is said under keys that plugins bring, by key, as their schemas made it: see {@link configOf}. */
  readonly contributed: Readonly<Record<string, unknown>>;
  /** Directory that relative paths in the configuration start from. */
  readonly baseDir: string;
}
