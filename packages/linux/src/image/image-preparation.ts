import type { Context, NamedInputs, PhaseEnvironment } from '@turingpi/core/plugin';
import type { ImageRecording, ImageSession } from '@turingpi/image';
import { BaseAnswersCache } from '../cache/base-answers-cache.js';
import { ContentDigestCache } from '../cache/content-digest-cache.js';
import { FileDigestCache } from '../cache/file-digest-cache.js';
import { type CredentialPlan, isEmptyCredentials, planCredentials } from '../credential/credential-plan.js';
import { keyedDigest } from '@turingpi/provisioning';
import { imageInputs } from '../generation/image-inputs.js';
import { type NetworkPlan, planNetwork } from '../network/network-plan.js';
import type { LinuxToolbox } from '../profile/linux-toolbox.js';
import { identifyBase } from './base-identity.js';
import type { ImageRequest } from './image-request.js';
import { locateBaseImage } from './locate-base-image.js';
import { recordPreInstall } from './pre-install.js';
import { previewCustomization, previewedSettings } from './preview-customization.js';
import { RECIPE } from './recipe.js';
import type { ImageExpectation } from './recognize-image.js';

/** All that decides what an image will hold, before anything of it is made. */
export interface PreparedImage {
  readonly basePath: string;
  /** SHA-256 of the file there. */
  readonly baseDigest: string;
  readonly network: NetworkPlan;
  readonly credentials: CredentialPlan | undefined;
  readonly recording: ImageRecording | undefined;
  readonly inputs: NamedInputs;
}

/** What looking at the inputs needs of a phase's environment. */
type Environment = Pick<PhaseEnvironment, 'signal' | 'progress'>;

/** Looks at everything that an image is made from; at most once in a run. */
export class ImagePreparation {
  readonly #digests: FileDigestCache;
  readonly #contents: ContentDigestCache;
  readonly #answers: BaseAnswersCache;
  #prepared: Promise<PreparedImage> | undefined;

  constructor(
    private readonly context: Context,
    private readonly toolbox: LinuxToolbox,
    private readonly request: ImageRequest,
  ) {
    this.#digests = new FileDigestCache(context.cacheDir);
    this.#contents = new ContentDigestCache(context.cacheDir);
    this.#answers = new BaseAnswersCache(context.cacheDir);
  }

  /** SHA-256 of the disk image in the base, hex, whatever it is packed in. */
  async baseContent(signal: AbortSignal): Promise<string> {
    const environment = { signal, progress: () => undefined };
    const { basePath } = await this.prepare(environment);
    const sha256 = await this.digest(basePath, signal);
    return this.#contents.digest(sha256, () => this.#readContent(basePath, signal));
  }

  #readContent(path: string, signal: AbortSignal): Promise<string> {
    return this.toolbox.engine.contentDigest(path, { cacheDir: this.context.cacheDir, signal });
  }

  /**
   * What the image will be made from.
   *
   * @throws As {@link locateBaseImage}, {@link planCredentials} and the callbacks do; LinuxError of an image that does not fit.
   */
  prepare(environment: Environment): Promise<PreparedImage> {
    this.#prepared ??= this.#prepareOnce(environment);
    return this.#prepared;
  }

  async #prepareOnce(environment: Environment): Promise<PreparedImage> {
    const { request, context } = this;
    const network = planNetwork(request.network);
    const given = isEmptyCredentials(request.credentials) ? undefined : request.credentials;
    const credentials = given && (await planCredentials(given, context.environment));
    if (credentials?.password) context.registerSecret(credentials.password);
    const basePath = await locateBaseImage(request.base, {
      ...{ signal: environment.signal, progress: environment.progress, cacheDir: context.cacheDir },
      digests: this.#digests,
      digest: (path) => this.digest(path, environment.signal),
    });
    const sha256 = await this.digest(basePath, environment.signal);
    const readContent = (): Promise<string> => this.#readContent(basePath, environment.signal);
    const installed = await context.generations.standing();
    const base = await identifyBase({ sha256, readContent }, installed, this.#contents);
    const digestKey = await context.generations.digestKey();
    const plan = { basePath, baseDigest: sha256, network, credentials };
    const recording = await this.#record(plan, digestKey, environment);
    return {
      ...plan,
      recording,
      inputs: imageInputs(
        {
          os: this.toolbox.profile.id,
          base,
          board: context.node.config.board,
          network: request.network,
          credentials,
          preInstall: recording?.digest,
        },
        digestKey,
      ),
    };
  }

  /** What the pre-install callbacks do to an image in which our own settings are. */
  #record(
    { basePath, baseDigest, network, credentials }: Omit<PreparedImage, 'recording' | 'inputs'>,
    digestKey: Buffer,
    environment: Environment,
  ): Promise<ImageRecording | undefined> {
    const { network: asked, preInstalls } = this.request;
    const expectation = this.expectation();
    const previewed = [baseDigest, RECIPE, previewedSettings(expectation, asked, credentials)];
    const key = keyedDigest(JSON.stringify(previewed), digestKey);
    return recordPreInstall(
      preInstalls,
      {
        known: () => this.#answers.read(key),
        open: async () =>
          previewCustomization(await this.open(basePath, environment), expectation, { network, credentials }),
        keep: (answers) => this.#answers.write(key, answers),
      },
      environment.signal,
    );
  }

  /** What the base must be. */
  expectation(): ImageExpectation {
    const { profile } = this.toolbox;
    return {
      profile,
      boardType: this.context.node.config.board,
      acceptMismatch: this.request.acceptMismatch,
    };
  }

  /** Opens an image. */
  open(path: string, { signal, progress }: Environment): Promise<ImageSession> {
    return this.toolbox.engine.open(path, { signal, progress, cacheDir: this.context.cacheDir });
  }

  /** SHA-256 of a file, hex, from the cache where it is known. */
  digest(path: string, signal: AbortSignal): Promise<string> {
    return this.#digests.digest(path, (file) => this.toolbox.engine.digest(file, signal));
  }

  /** Remembers the digest of an image that was just made. */
  remember(path: string, sha256: string): Promise<void> {
    return this.#digests.remember(path, sha256);
  }
}
