import type { Logger, Progress } from '@turingpi/foundation';
import {
  type ClusterConfig,
  defineExtensionPoint,
  type Extension,
  type ExtensionPoint,
} from '@turingpi/core/plugin';

/** A file by what is in it. */
export interface Artifact {
  /** SHA-256 of the file, hex. */
  readonly sha256: string;
  /** It holds keys or hashes of passwords, as an image of ours does: outside this computer it is encrypted. */
  readonly isSecret: boolean;
}

/** What moving a file takes. */
export interface TransferOptions {
  readonly signal: AbortSignal;
  readonly progress: (progress: Progress) => void;
}

/** Where several computers keep base images and customised images, by digest. */
export interface ArtifactStore {
  /** The store, for people. */
  readonly location: string;
  /** Whether an artefact is there; it is not read. */
  has(artifact: Artifact, signal: AbortSignal): Promise<boolean>;
  /**
   * Brings an artefact to a file, mode 0600, at once or not at all. What arrives has the digest that was asked for.
   *
   * @param file - absolute; one that is there is replaced
   * @returns Whether the store has it.
   */
  bring(artifact: Artifact, file: string, options: TransferOptions): Promise<boolean>;
  /** Puts a file there, unless it is there already, and notes that it is in use. */
  share(artifact: Artifact, file: string, options: TransferOptions): Promise<void>;
}

/** What a store is opened with. */
export interface ArtifactStoreRequest {
  readonly config: ClusterConfig;
  /** Where secrets given as `{ env: NAME }` are looked up. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly logger: Logger;
}

/** A kind of place where images are shared, with a key of the configuration of its own. */
export interface ArtifactStoreDriver extends Extension {
  /** The store that the configuration names; undefined when it names none of this kind. */
  open(request: ArtifactStoreRequest): ArtifactStore | undefined | Promise<ArtifactStore | undefined>;
}

declare module '@turingpi/core/plugin' {
  interface Contributions {
    /** Places where images are shared between computers. */
    artifactStores: ArtifactStoreDriver;
  }
}

/** Places where images are shared between computers: `definePlugin({ artifactStores: [driver] })`. */
export const ARTIFACT_STORES: ExtensionPoint<ArtifactStoreDriver> = defineExtensionPoint<ArtifactStoreDriver>(
  {
    key: 'artifactStores',
    title: 'artifact store',
    check: ({ open }: { open: unknown }) =>
      typeof open === 'function' ? undefined : 'it has no function `open`',
  },
);
