import { join, relative, resolve } from 'node:path';
import type { Context, CustomizedImage, PhaseEnvironment } from '@turingpi/core/plugin';
import type { FirstBootCredentials } from '@turingpi/provisioning';
import { nodeName } from '@turingpi/foundation';
import { applyRecording, ImageError } from '@turingpi/image/customization';
import { hashPassword } from '../account/password-hash.js';
import { instanceIdOf } from '../cloud-init/seed.js';
import { type CredentialPlan, planCredentials } from '../credential/credential-plan.js';
import { checkEeprom } from '../eeprom/check-eeprom.js';
import { eepromRequirementOf } from '../eeprom/eeprom-requirement.js';
import { credentialsHashOf, withCredentialInputs } from '../generation/image-inputs.js';
import { imageSecretsOf } from '../generation/image-secrets.js';
import { writeInstallationRecord } from '../generation/installation-record.js';
import type { LinuxToolbox } from '../profile/linux-toolbox.js';
import { checkSshServer } from '../ssh/ssh-server.js';
import { customizeImage } from './customize-image.js';
import { isFileOf } from './file-of-image.js';
import { ImagePreparation } from './image-preparation.js';
import type { ImageRequest } from './image-request.js';
import type {} from './linux-image.js'; // declares the field
import { keepRebuild } from './rebuildable-image.js';
import { RECIPE } from './recipe.js';
import { recognizeImage } from './recognize-image.js';

/** One run of phase 1 for one node; can be repeated with other first-boot settings. */
export class ImageBuild {
  readonly #preparation: ImagePreparation;

  constructor(
    private readonly context: Context,
    private readonly toolbox: LinuxToolbox,
    private readonly request: ImageRequest,
  ) {
    this.#preparation = new ImagePreparation(context, toolbox, request);
  }

  /** Runs the phase: skips it when the image of these inputs is there, else makes it. */
  async run(): Promise<CustomizedImage> {
    const image = await this.context.runPhase({
      phase: 'image_customization',
      recipe: RECIPE,
      inputs: async (environment) => (await this.#preparation.prepare(environment)).inputs,
      isOutputValid: (output, environment) => this.#isValid(output, environment),
      execute: async (environment) => {
        const { credentials } = await this.#preparation.prepare(environment);
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
    const plan = credentials && (await planCredentials(credentials, this.context.environment));
    const image = await this.context.runPhase({
      phase: 'image_customization',
      recipe: RECIPE,
      inputs: async (environment) => (await this.#preparation.prepare(environment)).inputs,
      isOutputValid: () => Promise.resolve(false),
      execute: (environment) => this.#build(environment, plan, generation),
      rerun: true,
    });
    return this.#rebuildable(image);
  }

  #rebuildable(image: CustomizedImage): CustomizedImage {
    const located = this.#located(image);
    keepRebuild(this.context, located, {
      credentials: this.request.credentials,
      rebuild: (credentials, generation) => this.#rebuild(credentials, generation),
      baseContent: (signal) => this.#preparation.baseContent(signal),
    });
    return located;
  }

  /** A recorded image where it lies now: the record says where in the cache directory, which may have been moved. */
  #located(image: CustomizedImage): CustomizedImage {
    return { ...image, path: resolve(this.context.cacheDir, image.path) };
  }

  /** An installation is judged by what was asked for; its image's file is needed only by who has to write it. */
  async #isValid(output: CustomizedImage, { signal }: PhaseEnvironment): Promise<boolean> {
    const { generation, recipe } = output;
    if (generation === undefined) return false; // of an earlier version
    if (await this.context.generations.wasInstalled(generation)) return true;
    const image = this.#located(output);
    if (recipe !== RECIPE || !(await isFileOf(image))) return false;
    return (await this.#preparation.digest(image.path, signal)) === image.sha256;
  }

  async #build(
    environment: PhaseEnvironment,
    credentials: CredentialPlan | undefined,
    generation: number,
  ): Promise<CustomizedImage> {
    const { signal, progress, cleanup, logger } = environment;
    const { profile } = this.toolbox;
    const { cacheDir, node, generations } = this.context;
    const prepared = await this.#preparation.prepare(environment);
    const { installationId, hostKeys, passwordSalt, boardId } = await imageSecretsOf(
      this.context,
      generation,
    );
    const inputs = withCredentialInputs(prepared.inputs, credentials, await generations.digestKey());
    const session = cleanup.use(
      'image session',
      await this.#preparation.open(prepared.basePath, environment),
    );
    // What is open now is watched until the image is saved; it must be what the inputs say.
    if ((await this.#preparation.digest(prepared.basePath, signal)) !== prepared.baseDigest)
      throw new ImageError('IMAGE_SOURCE_CHANGED', `${prepared.basePath} was changed since this run began`);
    progress({ activity: 'look into the image' });
    const { partitions, detected } = await recognizeImage(session, this.#preparation.expectation());
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
      acceptMismatch: this.request.acceptMismatch,
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
    await this.#preparation.remember(saved.path, saved.sha256);
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
      linux: {
        username: result.username,
        family,
        firstBoot: result.firstBoot,
        network: detected.network.stack,
      },
    };
  }
}
