import { join, relative, resolve } from 'node:path';
import type {
  BaseImageSource,
  Context,
  CustomizedImage,
  FirstBootCredentials,
  ImageModifier,
  NamedInputs,
  NetworkConfig,
  PhaseEnvironment,
} from '@turingpi/core/plugin';
import { nodeName } from '@turingpi/core/plugin';
import {
  applyRecording,
  ImageError,
  type ImageRecording,
  type ImageSession,
} from '@turingpi/image/customization';
import { hashPassword } from '../account/password-hash.js';
import { BaseAnswersCache } from '../cache/base-answers-cache.js';
import { ContentDigestCache } from '../cache/content-digest-cache.js';
import { FileDigestCache } from '../cache/file-digest-cache.js';
import { instanceIdOf } from '../cloud-init/seed.js';
import { type CredentialPlan, isEmptyCredentials, planCredentials } from '../credential/credential-plan.js';
import { keyedDigest } from '../credential/keyed-digest.js';
import { checkEeprom } from '../eeprom/check-eeprom.js';
import { eepromRequirementOf } from '../eeprom/eeprom-requirement.js';
import { credentialsHashOf, imageInputs, withCredentialInputs } from '../generation/image-inputs.js';
import { imageSecretsOf } from '../generation/image-secrets.js';
import { writeInstallationRecord } from '../generation/installation-record.js';
import { type NetworkPlan, planNetwork } from '../network/network-plan.js';
import type { LinuxToolbox } from '../profile/linux-toolbox.js';
import { checkSshServer } from '../ssh/ssh-server.js';
import { identifyBase } from './base-identity.js';
import { customizeImage } from './customize-image.js';
import { isFileOf } from './file-of-image.js';
import { locateBaseImage } from './locate-base-image.js';
import { recordPreInstall } from './pre-install.js';
import { previewCustomization, previewedSettings } from './preview-customization.js';
import { type ImageExpectation, recognizeImage } from './recognize-image.js';
import { attachRebuild } from './rebuildable-image.js';

/**
 * Raised when the same inputs give another image: one of an older recipe that is not installed yet is made again, and
 * one that is installed is outdated.
 */
export const RECIPE = 3;

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
  readonly inputs: NamedInputs;
}

/** What looking at the inputs needs of a phase's environment. */
type Environment = Pick<PhaseEnvironment, 'signal' | 'progress'>;

/** One run of phase 1 for one node; can be repeated with other first-boot settings. */
export class ImageBuild {
  readonly #digests: FileDigestCache;
  readonly #contents: ContentDigestCache;
  readonly #answers: BaseAnswersCache;
  #prepared: Promise<Prepared> | undefined;

  constructor(
    private readonly context: Context,
    private readonly toolbox: LinuxToolbox,
    private readonly request: ImageRequest,
  ) {
    this.#digests = new FileDigestCache(context.cacheDir);
    this.#contents = new ContentDigestCache(context.cacheDir);
    this.#answers = new BaseAnswersCache(context.cacheDir);
  }

  /** Runs the phase: skips it when the image of these inputs is there, else makes it. */
  async run(): Promise<CustomizedImage> {
    const image = await this.context.runPhase({
      phase: 'image_customization',
      recipe: RECIPE,
      inputs: async (environment) => (await this.#prepare(environment)).inputs,
      isOutputValid: (output, environment) => this.#isValid(output, environment),
      execute: async (environment) => {
        const { credentials } = await this.#prepare(environment);
        return this.#build(environment, credentials, await this.context.generations.next());
      },
    });
    return this.#rebuildable(image);
  }

  /** Makes the image again with these settings, under the same phase record: its inputs stay what they were. */
  async #rebuild(
    credentials: FirstBootCredentials | undefined,
    generation: number,
  ): Promise<CustomizedImage> {
    const plan = credentials && (await planCredentials(credentials));
    const image = await this.context.runPhase({
      phase: 'image_customization',
      recipe: RECIPE,
      inputs: async (environment) => (await this.#prepare(environment)).inputs,
      isOutputValid: () => Promise.resolve(false),
      execute: (environment) => this.#build(environment, plan, generation),
      force: true,
    });
    return this.#rebuildable(image);
  }

  #rebuildable(image: CustomizedImage): CustomizedImage {
    return attachRebuild(this.#located(image), {
      credentials: this.request.credentials,
      rebuild: (credentials, generation) => this.#rebuild(credentials, generation),
      baseContent: (signal) => this.#baseContent(signal),
    });
  }

  /** A recorded image where it lies now: the record says where in the cache directory, which may have been moved. */
  #located(image: CustomizedImage): CustomizedImage {
    return { ...image, path: resolve(this.context.cacheDir, image.path) };
  }

  async #baseContent(signal: AbortSignal): Promise<string> {
    const environment = { signal, progress: () => undefined };
    const { basePath } = await this.#prepare(environment);
    const sha256 = await this.#digest(basePath, signal);
    return this.#contents.digest(sha256, () => this.#readContent(basePath, signal));
  }

  #readContent(path: string, signal: AbortSignal): Promise<string> {
    return this.toolbox.engine.contentDigest(path, { cacheDir: this.context.cacheDir, signal });
  }

  #prepare(environment: Environment): Promise<Prepared> {
    this.#prepared ??= this.#prepareOnce(environment);
    return this.#prepared;
  }

  async #prepareOnce(environment: Environment): Promise<Prepared> {
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
    const sha256 = await this.#digest(basePath, environment.signal);
    const readContent = (): Promise<string> => this.#readContent(basePath, environment.signal);
    const installed = await context.generations.standing();
    const base = await identifyBase({ sha256, readContent }, installed, this.#contents);
    const digestKey = await context.generations.digestKey();
    const settings = { network, credentials };
    const answersKey = keyedDigest(
      JSON.stringify([sha256, RECIPE, previewedSettings(this.#expectation(), request.network, credentials)]),
      digestKey,
    );
    const recording = await recordPreInstall(
      request.preInstalls,
      {
        known: () => this.#answers.read(answersKey),
        open: async () =>
          previewCustomization(await this.#open(basePath, environment), this.#expectation(), settings),
        keep: (answers) => this.#answers.write(answersKey, answers),
      },
      environment.signal,
    );
    return {
      basePath,
      baseDigest: sha256,
      network,
      credentials,
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

  #expectation(): ImageExpectation {
    const { profile } = this.toolbox;
    return { profile, boardType: this.context.node.config.board, force: this.request.force };
  }

  #open(path: string, { signal, progress }: Environment): Promise<ImageSession> {
    return this.toolbox.engine.open(path, { signal, progress, cacheDir: this.context.cacheDir });
  }

  #digest(path: string, signal: AbortSignal): Promise<string> {
    return this.#digests.digest(path, (file) => this.toolbox.engine.digest(file, signal));
  }

  /** An installation is judged by what was asked for; its image's file is needed only by who has to write it. */
  async #isValid(output: CustomizedImage, { signal }: PhaseEnvironment): Promise<boolean> {
    const { generation, recipe } = output;
    if (generation === undefined) return false; // of an earlier version
    if (await this.context.generations.wasInstalled(generation)) return true;
    const image = this.#located(output);
    if (recipe !== RECIPE || !(await isFileOf(image))) return false;
    return (await this.#digest(image.path, signal)) === image.sha256;
  }

  async #build(
    environment: PhaseEnvironment,
    credentials: CredentialPlan | undefined,
    generation: number,
  ): Promise<CustomizedImage> {
    const { signal, progress, cleanup, logger } = environment;
    const { profile } = this.toolbox;
    const { cacheDir, node, generations } = this.context;
    const prepared = await this.#prepare(environment);
    const { installationId, hostKeys, passwordSalt, boardId } = await imageSecretsOf(
      this.context,
      generation,
    );
    const inputs = withCredentialInputs(prepared.inputs, credentials, await generations.digestKey());
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
    await checkEeprom(eepromRequirementOf(detected, node.config.board), this.context, this.toolbox.ssh, {
      signal,
      progress,
      logger,
      force: this.request.force,
    });
    progress({ activity: 'customise' });
    const result = await customizeImage(partitions, detected, {
      network: prepared.network,
      credentials,
      passwordHash: credentials?.password && hashPassword(credentials.password, passwordSalt),
      hostKeys,
      profile,
      requiresSudo: this.request.requiresSudo,
      instanceId: instanceIdOf(prepared.network.hostname, installationId),
    });
    await writeInstallationRecord(partitions.root, {
      ...{ id: installationId, node: nodeName(node.id), board: node.config.board },
      ...(boardId !== undefined && { boardId }),
      ...{ generation, recipe: RECIPE, inputs },
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
      path: relative(cacheDir, saved.path),
      format: saved.format,
      sizeBytes: saved.sizeBytes,
      sha256: saved.sha256,
      rawSizeBytes: saved.rawSizeBytes,
      ...(saved.rawSha256 !== undefined && { rawSha256: saved.rawSha256 }),
      os: profile.id,
      hostname: prepared.network.hostname,
      hostKeys: hostKeys.map(({ publicKey }) => publicKey),
      ...{ node: nodeName(node.id), generation, installationId, recipe: RECIPE, inputs },
      ...(credentials && { credentialsHash: credentialsHashOf(inputs) }),
      facts: {
        username: result.username,
        firstBoot: result.firstBoot,
        family,
        network: detected.network.stack,
      },
    };
  }
}
