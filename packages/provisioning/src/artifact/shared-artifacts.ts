import {
  CLUSTER_CONFIG,
  type ClusterConfig,
  createToken,
  EXTENSIONS,
  type Extensions,
  inject,
  injectable,
  LOGGER,
  type Token,
} from '@turingpi/core/plugin';
import { type Logger, TuringPiError } from '@turingpi/foundation';
import {
  type Artifact,
  ARTIFACT_STORES,
  type ArtifactStore,
  type ArtifactStoreRequest,
  type TransferOptions,
} from './artifact-store.js';

/** Who asks: how it is stopped and told of, and where secrets of the store are looked up. */
type Asker = TransferOptions & Pick<ArtifactStoreRequest, 'environment'>;

/**
 * The artefacts of the store that the configuration names, if it names one. What goes wrong with it is told and fails
 * nothing: the image is then made or downloaded here, as without a store.
 */
@injectable()
export class SharedArtifacts {
  #opened: Promise<ArtifactStore | undefined> | undefined;

  constructor(
    @inject(CLUSTER_CONFIG) private readonly config: ClusterConfig,
    @inject(EXTENSIONS) private readonly extensions: Extensions,
    @inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** Whether an artefact could be brought. */
  has(artifact: Artifact, asker: Asker): Promise<boolean> {
    return this.#ask(asker, false, (store) => store.has(artifact, asker.signal));
  }

  /**
   * Brings an artefact to a file.
   *
   * @param file - absolute
   * @returns Whether it is there, with the digest that was asked for.
   */
  bring(artifact: Artifact, file: string, asker: Asker): Promise<boolean> {
    return this.#ask(asker, false, (store) => store.bring(artifact, file, asker));
  }

  /** Lets other computers find a file of this one. */
  share(artifact: Artifact, file: string, asker: Asker): Promise<void> {
    return this.#ask(asker, undefined, (store) => store.share(artifact, file, asker));
  }

  async #ask<T>(asker: Asker, without: T, question: (store: ArtifactStore) => Promise<T>): Promise<T> {
    try {
      this.#opened ??= this.#open(asker.environment);
      const store = await this.#opened;
      return store === undefined ? without : await question(store);
    } catch (error) {
      asker.signal.throwIfAborted();
      if (!TuringPiError.is(error)) throw error;
      const note = `images are not shared: ${error.message}`;
      this.logger.warn({ code: error.code, hint: error.hint }, note);
      asker.progress({ activity: 'warning', note, warning: true });
      return without;
    }
  }

  async #open(environment: Asker['environment']): Promise<ArtifactStore | undefined> {
    const { config, logger } = this;
    for (const driver of this.extensions.all(ARTIFACT_STORES)) {
      const store = await driver.open({ config, environment, logger });
      if (store !== undefined) return store;
    }
    return undefined;
  }
}

/** Images that several computers share. */
export const SHARED_ARTIFACTS: Token<SharedArtifacts> = createToken<SharedArtifacts>(
  'provisioning:SharedArtifacts',
);
