import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type {
  BaseImageSource,
  Context,
  CustomizedImage,
  FirstBootCredentials,
  ImageModifier,
  JsonValue,
  NetworkConfig,
  PhaseEnvironment,
} from '@turingpi/core/plugin';
import { applyRecording, ImageError, type ImageRecording, type ImageSession } from '@turingpi/image';
import { generateHostKeys, type HostKeyPair } from '@turingpi/runtime';
import { hashPassword } from '../account/password-hash.js';
import { FileDigestCache } from '../cache/file-digest-cache.js';
import { digestCredentials } from '../credential/credential-digest.js';
import { type CredentialPlan, isEmptyCredentials, planCredentials } from '../credential/credential-plan.js';
import { type NetworkPlan, planNetwork } from '../network/network-plan.js';
import type { LinuxToolbox } from '../profile/linux-toolbox.js';
import { checkSshServer } from '../ssh/ssh-server.js';
import { customizeImage } from './customize-image.js';
import { hostKeysOf } from './host-keys-of.js';
import { locateBaseImage } from './locate-base-image.js';
import { recordPreInstall } from './pre-install.js';
import { previewCustomization } from './preview-customization.js';
import { type ImageExpectation, recognizeImage } from './recognize-image.js';
import { attachRebuild } from './rebuildable-image.js';

/** Raised when the same inputs give another image, so that images of older versions are made again. */
const RECIPE = 2;

/** Everything a builder was told. */
export interface ImageRequest {
  readonly base: BaseImageSource;
  readonly network: NetworkConfig;
  readonly credentials: FirstBootCredentials | undefined;
  readonly preInstalls: readonly ((image: ImageModifier) => Promise<void>)[];
  readonly force: boolean;
  /** Refuse an image in which the user could not become root. */
  readonly requiresSudo: boolean;
}

interface Prepared {
  readonly basePath: string;
  /** SHA-256 of the file there. */
  readonly baseDigest: string;
  readonly network: NetworkPlan;
  readonly credentials: CredentialPlan | undefined;
  readonly recording: ImageRecording | undefined;
  readonly inputs: JsonValue;
}

/** One run of phase 1 for one node; can be repeated with other first-boot settings. */
export class ImageBuild {
  readonly #digests: FileDigestCache;
  #prepared: Promise<Prepared> | undefined;

  constructor(
    private readonly context: Context,
    private readonly toolbox: LinuxToolbox,
    private readonly request: ImageRequest,
  ) {
    this.#digests = new FileDigestCache(context.cacheDir);
  }

  /** Runs the phase: skips it when the image of these inputs is there, else makes it. */
  async run(): Promise<CustomizedImage> {
    const image = await this.context.runPhase({
      phase: 'image_customization',
      inputs: async (environment) => (await this.#prepare(environment)).inputs,
      isOutputValid: (output, environment) => this.#isValid(output, environment),
      execute: async (environment) => {
        const prepared = await this.#prepare(environment);
        return this.#build(environment, prepared, prepared.credentials, await this.#newHostKeys());
      },
    });
    return this.#rebuildable(image);
  }

  /**
   * Makes the image again with these settings, under the same phase record: its inputs stay what they were. The host
   * keys stay as well, so that what the earlier record says of them goes on being true.
   */
  async #rebuild(
    earlier: CustomizedImage,
    credentials: FirstBootCredentials | undefined,
  ): Promise<CustomizedImage> {
    const plan = credentials && (await planCredentials(credentials));
    const image = await this.context.runPhase({
      phase: 'image_customization',
      inputs: async (environment) => (await this.#prepare(environment)).inputs,
      isOutputValid: () => Promise.resolve(false),
      execute: async (environment) => {
        const open = () => this.#open(earlier.path, environment);
        const kept = await hostKeysOf(earlier, open, environment.logger);
        const hostKeys = kept ?? (await this.#newHostKeys());
        return this.#build(environment, await this.#prepare(environment), plan, hostKeys);
      },
      force: true,
    });
    return this.#rebuildable(image);
  }

  #newHostKeys(): Promise<HostKeyPair[]> {
    return generateHostKeys(undefined, { comment: `root@${this.request.network.hostname}` });
  }

  #rebuildable(image: CustomizedImage): CustomizedImage {
    return attachRebuild(image, {
      credentials: this.request.credentials,
      rebuild: (credentials) => this.#rebuild(image, credentials),
    });
  }

  #prepare(environment: PhaseEnvironment): Promise<Prepared> {
    this.#prepared ??= this.#prepareOnce(environment);
    return this.#prepared;
  }

  async #prepareOnce(environment: PhaseEnvironment): Promise<Prepared> {
    const { request, context } = this;
    const network = planNetwork(request.network);
    const given = isEmptyCredentials(request.credentials) ? undefined : request.credentials;
    const credentials = given && (await planCredentials(given));
    if (credentials?.password) context.registerSecret(credentials.password);
    const basePath = await locateBaseImage(request.base, {
      ...{ signal: environment.signal, progress: environment.progress, cacheDir: context.cacheDir },
      digests: this.#digests,
      digest: (path) => this.#digest(path, environment.signal),
    });
    const base = await this.#digest(basePath, environment.signal);
    const recording = await recordPreInstall(
      request.preInstalls,
      async () => {
        const session = await this.#open(basePath, environment);
        return previewCustomization(session, this.#expectation(), { network, credentials });
      },
      environment.signal,
    );
    return {
      basePath,
      baseDigest: base,
      network,
      credentials,
      recording,
      inputs: {
        recipe: RECIPE,
        os: this.toolbox.profile.id,
        base,
        board: context.node.config.board,
        network: JSON.parse(JSON.stringify(request.network)) as JsonValue,
        credentials: credentials && (await digestCredentials(credentials, context.cacheDir)),
        preInstall: recording?.digest,
        force: request.force,
      },
    };
  }

  #expectation(): ImageExpectation {
    const { profile } = this.toolbox;
    return { profile, boardType: this.context.node.config.board, force: this.request.force };
  }

  #open(path: string, { signal, progress }: PhaseEnvironment): Promise<ImageSession> {
    return this.toolbox.engine.open(path, { signal, progress, cacheDir: this.context.cacheDir });
  }

  #digest(path: string, signal: AbortSignal): Promise<string> {
    return this.#digests.digest(path, (file) => this.toolbox.engine.digest(file, signal));
  }

  async #isValid(output: CustomizedImage, { signal }: PhaseEnvironment): Promise<boolean> {
    const found = await stat(output.path).catch(() => undefined);
    if (!found?.isFile() || found.size !== output.sizeBytes) return false;
    return (await this.#digest(output.path, signal)) === output.sha256;
  }

  async #build(
    environment: PhaseEnvironment,
    prepared: Prepared,
    credentials: CredentialPlan | undefined,
    hostKeys: readonly HostKeyPair[],
  ): Promise<CustomizedImage> {
    const { signal, progress, cleanup, logger } = environment;
    const { profile } = this.toolbox;
    const { cacheDir, node } = this.context;
    const session = cleanup.use('image session', await this.#open(prepared.basePath, environment));
    // What is open now is watched until the image is saved; it must be what the inputs say.
    if ((await this.#digest(prepared.basePath, signal)) !== prepared.baseDigest)
      throw new ImageError('IMAGE_SOURCE_CHANGED', `${prepared.basePath} was changed since this run began`);
    progress({ activity: 'look into the image' });
    const { partitions, detected } = await recognizeImage(session, this.#expectation());
    const { distribution, family, board, boardReason } = detected;
    logger.info(
      {
        distribution: distribution.name,
        family,
        board,
        boardReason,
        network: detected.network.reason,
        cloudInit: detected.cloudInit.reason,
        backend: session.backendReason,
      },
      'image recognised',
    );
    if (board === 'unknown')
      logger.warn({ board: node.config.board }, 'the image does not say for which board it was made');
    progress({ activity: 'customise' });
    const result = await customizeImage(partitions, detected, {
      network: prepared.network,
      credentials,
      passwordHash: credentials?.password && hashPassword(credentials.password),
      hostKeys,
      profile,
      requiresSudo: this.request.requiresSudo,
    });
    const { resetIdentity, notices } = result;
    if (resetIdentity.length > 0)
      logger.info(
        { files: resetIdentity },
        'the image has booted before: each node gets an identity of its own',
      );
    for (const { file, message } of notices) {
      logger.warn({ file }, message);
      progress({ activity: 'warning', note: `${file}: ${message}`, warning: true });
    }
    if (prepared.recording) await applyRecording(prepared.recording, session, { signal, progress });
    if (result.login) await checkSshServer(partitions.root, result.login); // also as those changes left it
    const path = join(cacheDir, `${prepared.network.hostname}.img.xz`);
    const saved = await session.save(path, { format: 'xz', signal, progress });
    await this.#digests.remember(saved.path, saved.sha256);
    return {
      path: saved.path,
      format: saved.format,
      sizeBytes: saved.sizeBytes,
      sha256: saved.sha256,
      rawSizeBytes: saved.rawSizeBytes,
      ...(saved.rawSha256 !== undefined && { rawSha256: saved.rawSha256 }),
      os: profile.id,
      hostname: prepared.network.hostname,
      hostKeys: hostKeys.map(({ publicKey }) => publicKey),
      ...(credentials && { credentialsHash: await digestCredentials(credentials, cacheDir) }),
      facts: {
        username: result.username,
        firstBoot: result.firstBoot,
        family,
        network: detected.network.stack,
      },
    };
  }
}
