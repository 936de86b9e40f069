import type { Secret } from '@turingpi/foundation';
import type { Context, JsonValue, NamedInputs, PhaseEnvironment } from '@turingpi/core/plugin';
import {
  type ImageEngine,
  ImageError,
  type ImageRecording,
  type ImageSession,
} from '@turingpi/image/customization';
import { SHARED_ARTIFACTS } from '../artifact/shared-artifacts.js';
import { BaseAnswersCache } from '../cache/base-answers-cache.js';
import { ContentDigestCache } from '../cache/content-digest-cache.js';
import { FileDigestCache } from '../cache/file-digest-cache.js';
import type { CredentialPlan } from '../credential/credential-plan.js';
import { keyedDigest } from '../credential/keyed-digest.js';
import { imageInputs } from '../generation/image-inputs.js';
import { credentialsFor } from '../os/credentials-for.js';
import type { AppliedSystem } from '../os/applied-system.js';
import type { OperatingSystem } from '../os/operating-system.js';
import { ownSecretsOf } from '../os/own-secrets.js';
import { IMAGE_ENGINE } from '../services/tokens.js';
import { identifyBase } from './base-identity.js';
import type { ImageRequest } from './image-request.js';
import { locateBaseImage } from './locate-base-image.js';
import { recordPreInstall } from './pre-install.js';
import { openPreview } from './open-preview.js';

/** All that decides what an image will hold, before anything of it is made. */
export interface PreparedImage {
  readonly basePath: string;
  /** SHA-256 of the file there. */
  readonly baseDigest: string;
  readonly credentials: CredentialPlan | undefined;
  /** What the operating system makes of the request. */
  readonly plan: JsonValue;
  readonly recording: ImageRecording | undefined;
  /** Secrets of the operating system's own, by name. */
  readonly own: Readonly<Record<string, Secret>>;
  readonly inputs: NamedInputs;
}

/** What looking at the inputs needs of a phase's environment. */
type Environment = Pick<PhaseEnvironment, 'signal' | 'progress' | 'logger'>;

/** Looks at everything that an image is made from; at most once in a run. */
export class ImagePreparation {
  readonly #engine: ImageEngine;
  readonly #digests: FileDigestCache;
  readonly #contents: ContentDigestCache;
  readonly #answers: BaseAnswersCache;
  #prepared: Promise<PreparedImage> | undefined;

  constructor(
    private readonly context: Context,
    private readonly system: OperatingSystem,
    private readonly request: ImageRequest,
  ) {
    this.#engine = context.service(IMAGE_ENGINE);
    this.#digests = new FileDigestCache(context.cacheDir);
    this.#contents = new ContentDigestCache(context.cacheDir);
    this.#answers = new BaseAnswersCache(context.cacheDir);
  }

  /** SHA-256 of the disk image in the base, hex, whatever it is packed in. */
  async baseContent(environment: Environment): Promise<string> {
    const { basePath, baseDigest } = await this.prepare(environment);
    return this.#contents.digest(baseDigest, () =>
      this.#readContent(basePath, baseDigest, environment.signal),
    );
  }

  /** What is in a file is remembered by its digest: it must still be that file when it was read. */
  async #readContent(path: string, sha256: string, signal: AbortSignal): Promise<string> {
    const content = await this.#engine.contentDigest(path, { cacheDir: this.context.cacheDir, signal });
    if ((await this.digest(path, signal)) !== sha256)
      throw new ImageError('IMAGE_SOURCE_CHANGED', `${path} was changed while it was read`);
    return content;
  }

  /**
   * What the image will be made from.
   *
   * @throws As {@link locateBaseImage}, {@link credentialsFor}, the operating system and the callbacks do.
   */
  prepare(environment: Environment): Promise<PreparedImage> {
    this.#prepared ??= this.#prepareOnce(environment);
    return this.#prepared;
  }

  /** What the operating system makes of the request with these first-boot settings. */
  async plan(credentials: CredentialPlan | undefined): Promise<JsonValue> {
    const { network, acceptMismatch, requiresRoot } = this.request;
    const { board } = this.context.node.config;
    const plan = await this.system.plan({ board, network, credentials, acceptMismatch, requiresRoot });
    // A plan is data, also of a plugin that is not aware of it: what is not JSON is seen here, and not in another process.
    return JSON.parse(JSON.stringify(plan ?? null)) as JsonValue;
  }

  async #prepareOnce(environment: Environment): Promise<PreparedImage> {
    const { request, context, system } = this;
    const credentials = await credentialsFor(context, system, request.credentials);
    const own = await ownSecretsOf(context, system);
    const plan = await this.plan(credentials);
    const basePath = await locateBaseImage(request.base, {
      ...{ signal: environment.signal, progress: environment.progress, cacheDir: context.cacheDir },
      onlyHere: context.planning,
      digests: this.#digests,
      ...{ shared: context.service(SHARED_ARTIFACTS), environment: context.environment },
      digest: (path) => this.digest(path, environment.signal),
    });
    const sha256 = await this.digest(basePath, environment.signal);
    const readContent = (): Promise<string> => this.#readContent(basePath, sha256, environment.signal);
    const installed = await context.generations.standing();
    const base = await identifyBase({ sha256, readContent }, installed, this.#contents);
    const digestKey = await context.generations.digestKey();
    const prepared = { basePath, baseDigest: sha256, credentials, own, plan };
    const recording = await this.#record(prepared, digestKey, environment);
    return {
      ...prepared,
      recording,
      inputs: imageInputs(
        {
          os: system.id,
          base,
          board: context.node.config.board,
          network: request.network,
          credentials,
          own,
          preInstall: recording?.digest,
        },
        digestKey,
      ),
    };
  }

  /** What the pre-install callbacks do to an image in which our own settings are. */
  #record(
    { basePath, baseDigest, plan, credentials }: Omit<PreparedImage, 'recording' | 'inputs'>,
    digestKey: Buffer,
    environment: Environment,
  ): Promise<ImageRecording | undefined> {
    const { context, system, request } = this;
    if (request.recording) return Promise.resolve(request.recording);
    const key = keyedDigest(JSON.stringify([baseDigest, system.id, system.recipe, plan]), digestKey);
    return recordPreInstall(
      request.preInstalls,
      {
        known: () => this.#answers.read(key),
        open: async () => {
          const session = await this.open(basePath, environment);
          await openPreview(session, system, { plan, credentials, context, environment });
          return session;
        },
        keep: (answers) => this.#answers.write(key, answers),
      },
      environment.signal,
    );
  }

  /** What the operating system will say of the image: tried on the base, of which nothing is saved. */
  async preview(environment: Environment): Promise<AppliedSystem> {
    const { basePath, plan, credentials } = await this.prepare(environment);
    const { context, system } = this;
    const session = await this.open(basePath, environment);
    const applied = await openPreview(session, system, { plan, credentials, context, environment });
    await session[Symbol.asyncDispose]();
    return applied;
  }

  /** Opens an image. */
  open(path: string, { signal, progress }: Environment): Promise<ImageSession> {
    return this.#engine.open(path, { signal, progress, cacheDir: this.context.cacheDir });
  }

  /** SHA-256 of a file, hex, from the cache where it is known. */
  digest(path: string, signal: AbortSignal): Promise<string> {
    return this.#digests.digest(path, (file) => this.#engine.digest(file, signal));
  }

  /** Remembers the digest of an image that was just made. */
  remember(path: string, sha256: string): Promise<void> {
    return this.#digests.remember(path, sha256);
  }
}
