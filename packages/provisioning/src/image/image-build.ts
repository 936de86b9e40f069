import { join, relative, resolve } from 'node:path';
import {
  compareInputs,
  type Context,
  type CustomizedImage,
  type InPlaceAnswer,
  type InPlaceQuestion,
  type PhaseEnvironment,
  type PhaseStep,
  type Answerer,
  type NamedInputs,
} from '@turingpi/core/plugin';
import { nodeName } from '@turingpi/foundation';
import { applyRecording, ImageError } from '@turingpi/image/customization';
import type { CredentialPlan } from '../credential/credential-plan.js';
import { credentialsHashOf, withCredentialInputs } from '../generation/image-inputs.js';
import { type ImageSecrets, imageSecretsOf } from '../generation/image-secrets.js';
import type { InstallationRecord } from '../generation/installation-record.js';
import { credentialsFor } from '../os/credentials-for.js';
import { canBeAsked, whoAnswersAt } from '../installation/ask-node.js';
import { bringSharedImage } from '../artifact/bring-shared-image.js';
import { SHARED_ARTIFACTS } from '../artifact/shared-artifacts.js';
import { strategyNamed } from '../installation/strategies.js';
import type { OperatingSystem } from '../os/operating-system.js';
import type { FirstBootCredentials } from './first-boot-credentials.js';
import { planInPlace } from '../reconfiguration/plan-in-place.js';
import { isFileOf } from './file-of-image.js';
import { ImagePreparation, type PreparedImage } from './image-preparation.js';
import type { ImageRequest } from './image-request.js';
import { nameChangedFiles } from './name-changed-files.js';

type ImageIdentity = Pick<CustomizedImage, 'os' | 'hostname' | 'hostKeys'> &
  Required<Pick<CustomizedImage, 'node' | 'generation' | 'installationId' | 'recipe'>>;

/** One run of phase 1 for one node; can be repeated with other first-boot settings. */
export class ImageBuild {
  readonly #preparation: ImagePreparation;

  constructor(
    private readonly context: Context,
    private readonly system: OperatingSystem,
    private readonly request: ImageRequest,
  ) {
    this.#preparation = new ImagePreparation(context, system, request);
  }

  /**
   * Runs the phase: skips it when the image of these inputs is there, else makes it.
   *
   * @returns The image, and what it was made from.
   */
  async run(): Promise<{ readonly image: CustomizedImage; readonly prepared: PreparedImage | undefined }> {
    let prepared: PreparedImage | undefined;
    const image = await this.context.runPhase({
      ...this.#step(),
      inputs: async (environment) => {
        prepared = await this.#preparation.prepare(environment);
        return prepared.inputs;
      },
      stands: (output, environment) => this.#isValid(output, environment),
      inPlace: (question) => this.#inPlace(question, prepared),
      explain: (changes, before) => nameChangedFiles(this.context, changes, before, prepared?.recording),
      run: async (environment) => {
        const { credentials } = await this.#preparation.prepare(environment);
        return this.#build(environment, credentials, await this.context.generations.next());
      },
      foresee: async (environment) => {
        const { credentials } = await this.#preparation.prepare(environment);
        return this.#foreseen(environment, credentials, await this.context.generations.next());
      },
    });
    return { image: this.#located(image), prepared };
  }

  /** What is the same however often it is run. Whether what it is meant for may be erased is asked before it is made. */
  #step(): Omit<PhaseStep<'image_customization'>, 'inputs' | 'stands' | 'run'> {
    const { context, system } = this;
    const disk = strategyNamed(context, undefined)?.disk;
    // Core asks at the address where SSH would be; who is behind another server is not found there.
    const isElsewhere = system.access !== 'ssh' || context.node.config.ssh?.jump !== undefined;
    const asksItself = isElsewhere && canBeAsked(system);
    return {
      id: 'image_customization',
      resources: ['image-work'],
      recipe: system.recipe,
      ...(disk !== undefined && { disk }),
      ...(asksItself && { whoAnswers: ({ signal }) => this.#whoAnswers(signal) }),
    };
  }

  /** No image is made for what can be applied to the node: the one that it was installed from stands for what it becomes. */
  async #inPlace(
    question: InPlaceQuestion,
    prepared: PreparedImage | undefined,
  ): Promise<InPlaceAnswer<'image_customization'>> {
    const { changes } = question;
    if (prepared === undefined) return { changes };
    const { inputs, credentials, recording } = prepared;
    const { network } = this.request;
    const wanted = { inputs, network, credentials, recording };
    const planned = await planInPlace(this.context, this.system, question, wanted);
    if (planned.actions === undefined) return { changes: planned.changes };
    const { hostname } = network;
    const hash = credentials && { credentialsHash: credentialsHashOf(inputs) };
    const output = { ...question.image, hostname, inputs, ...hash };
    return { changes: planned.changes, change: { output, trying: {}, apply: () => Promise.resolve() } };
  }

  /** Asked by the keys that the image will have, and may have had before: it may have come up after its wait had ended. */
  async #whoAnswers(signal: AbortSignal): Promise<Answerer> {
    const { generations } = this.context;
    const { hostKeys } = await imageSecretsOf(this.context, await generations.next());
    const keys = hostKeys.map(({ publicKey }) => publicKey);
    return whoAnswersAt(this.context, this.system, keys, signal);
  }

  /**
   * Makes the image again with these settings, under the same phase record.
   *
   * @param inputs - what decided it, as its record says: they stay what they were
   * @throws ImageError `IMAGE_SOURCE_CHANGED` when what it is made from is not what it was then
   */
  async rebuild(
    credentials: FirstBootCredentials | undefined,
    generation: number,
    inputs: NamedInputs,
  ): Promise<CustomizedImage> {
    const plan = await credentialsFor(this.context, this.system, credentials);
    const image = await this.context.runPhase({
      ...this.#step(),
      inputs: async (environment) => {
        await this.#assertUnchanged((await this.#preparation.prepare(environment)).inputs, inputs);
        return inputs;
      },
      stands: () => Promise.resolve(false),
      run: (environment) => this.#build(environment, plan, generation),
      foresee: (environment) => this.#foreseen(environment, plan, generation),
      rerun: true,
    });
    return this.#located(image);
  }

  /** What was approved is what is made: another base, or another secret of the system, makes another image. */
  async #assertUnchanged(now: NamedInputs, then: NamedInputs): Promise<void> {
    const key = await this.context.generations.digestKey();
    const [after, before] = [now, then].map((inputs) => withCredentialInputs(inputs, undefined, key));
    const changed = compareInputs(before ?? {}, after ?? {}).map(({ name }) => name);
    if (changed.length > 0)
      throw new ImageError(
        'IMAGE_SOURCE_CHANGED',
        `the image of ${this.context.node.hostname} cannot be made again as it was: ${changed.join(', ')} changed`,
        { hint: 'Run its image builder again: that is another image, and another plan.' },
      );
  }

  /**
   * SHA-256 of the disk image in the base image's file: reads all of it the first time.
   *
   * @param inputs - what decided the image whose base is meant
   * @throws ImageError `IMAGE_SOURCE_CHANGED` when another one is there now
   */
  async baseContent(inputs: NamedInputs, signal: AbortSignal): Promise<string> {
    const environment = { signal, progress: () => undefined, logger: this.context.logger };
    await this.#assertUnchanged((await this.#preparation.prepare(environment)).inputs, inputs);
    return this.#preparation.baseContent(environment);
  }

  /** A recorded image where it lies now: the record says where in the cache directory, which may have been moved. */
  #located(image: CustomizedImage): CustomizedImage {
    return { ...image, path: resolve(this.context.cacheDir, image.path) };
  }

  /** An installation is judged by what was asked for; its image's file is needed only by who has to write it. */
  async #isValid(output: CustomizedImage, environment: PhaseEnvironment): Promise<boolean> {
    const { generation, recipe } = output;
    if (generation === undefined) return false; // of an earlier version
    if (await this.context.generations.wasInstalled(generation)) return true;
    const image = this.#located(output);
    if (recipe !== this.system.recipe) return false;
    const { signal } = environment;
    const isHere =
      (await isFileOf(image)) && (await this.#preparation.digest(image.path, signal)) === image.sha256;
    if (isHere || !(await bringSharedImage(this.context, image, environment))) return isHere;
    if (!this.context.planning) await this.#preparation.remember(image.path, image.sha256);
    return true;
  }

  async #build(
    environment: PhaseEnvironment,
    credentials: CredentialPlan | undefined,
    generation: number,
  ): Promise<CustomizedImage> {
    const { signal, progress, cleanup, logger } = environment;
    const { context, system } = this;
    const { cacheDir } = context;
    const prepared = await this.#preparation.prepare(environment);
    const plan = await this.#preparation.plan(credentials);
    const secrets = await imageSecretsOf(context, generation);
    const key = await context.generations.digestKey();
    const inputs = withCredentialInputs(prepared.inputs, credentials, key);
    const session = cleanup.use(
      'image session',
      await this.#preparation.open(prepared.basePath, environment),
    );
    // What is open now is watched until the image is saved; it must be what the inputs say.
    if ((await this.#preparation.digest(prepared.basePath, signal)) !== prepared.baseDigest)
      throw new ImageError('IMAGE_SOURCE_CHANGED', `${prepared.basePath} was changed since this run began`);
    const { hostKeys, passwordSalt } = secrets;
    const applied = await system.apply(
      plan,
      session,
      { password: credentials?.password, passwordSalt, hostKeys, own: prepared.own },
      {
        ...{ context, signal, progress, logger },
        installation: this.#installation(secrets, generation, inputs),
      },
    );
    for (const { file, message } of applied.notices ?? []) {
      logger.warn({ file }, message);
      progress({ activity: 'warning', note: `${file}: ${message}`, warning: true });
    }
    if (prepared.recording) await applyRecording(prepared.recording, session, { signal, progress });
    await applied.verify?.(); // also as those changes left it
    const saved = await session.save(join(cacheDir, this.#file), { format: 'xz', signal, progress });
    await this.#preparation.remember(saved.path, saved.sha256);
    await context.service(SHARED_ARTIFACTS).share({ sha256: saved.sha256, isSecret: true }, saved.path, {
      ...{ signal, progress, environment: context.environment },
    });
    return {
      ...applied.record, // below what is known here: no plugin says otherwise
      path: relative(cacheDir, saved.path),
      format: saved.format,
      sizeBytes: saved.sizeBytes,
      sha256: saved.sha256,
      rawSizeBytes: saved.rawSizeBytes,
      ...(saved.rawSha256 !== undefined && { rawSha256: saved.rawSha256 }),
      ...this.#identity(secrets, generation),
      inputs,
      ...(credentials && { credentialsHash: credentialsHashOf(inputs) }),
    };
  }

  /** The image that would be made, but for its bytes. */
  async #foreseen(
    environment: PhaseEnvironment,
    credentials: CredentialPlan | undefined,
    generation: number,
  ): Promise<CustomizedImage> {
    const { context } = this;
    const prepared = await this.#preparation.prepare(environment);
    const { record } = await this.#preparation.preview(environment);
    const inputs = withCredentialInputs(prepared.inputs, credentials, await context.generations.digestKey());
    return {
      ...record,
      ...{ path: this.#file, format: 'xz', sizeBytes: 0, sha256: '', rawSizeBytes: 0 },
      ...this.#identity(await imageSecretsOf(context, generation), generation),
      inputs,
      ...(credentials && { credentialsHash: credentialsHashOf(inputs) }),
    };
  }

  /** Name of the image's file in the cache directory. */
  get #file(): string {
    return `${this.request.network.hostname.replaceAll(/[^\w.-]/g, '_')}.img.xz`; // not every system checks names
  }

  /** Which image it is, and how a node that runs it is known. */
  #identity({ hostKeys, installationId }: ImageSecrets, generation: number): ImageIdentity {
    const { context, system } = this;
    return {
      os: system.id,
      hostname: this.request.network.hostname,
      // What cannot be asked answers with none of them.
      hostKeys: canBeAsked(system) ? hostKeys.map(({ publicKey }) => publicKey) : [],
      ...{ node: nodeName(context.node.id), generation, installationId, recipe: system.recipe },
    };
  }

  #installation(
    { installationId, boardId }: ImageSecrets,
    generation: number,
    inputs: InstallationRecord['inputs'],
  ): InstallationRecord {
    const { node } = this.context;
    return {
      ...{ id: installationId, node: nodeName(node.id), board: node.config.board },
      ...(boardId !== undefined && { boardId }),
      ...{ generation, recipe: this.system.recipe, inputs },
    };
  }
}
