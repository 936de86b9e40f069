import type {
  Answerer,
  Context,
  CustomizedImage,
  InstalledNode,
  ModuleId,
  PhaseEnvironment,
  PhaseStep,
  RecordedLogin,
  Standing,
} from '@turingpi/core/plugin';
import type { NodeId } from '@turingpi/foundation';
import type { SshAuthentication } from '@turingpi/runtime';
import type { BoardOperation, InstallationStrategy } from '../board/board-driver.js';
import { boardOf } from '../board/boards.js';
import { authenticationFor, type NodeLogin } from '../login/node-login.js';
import type { OperatingSystem } from '../os/operating-system.js';
import type { ReadinessRequest } from '../os/readiness.js';
import { ProvisioningError } from '../provisioning-error.js';
import { IMAGE_ENGINE } from '../services/tokens.js';
import { changeInPlace } from './change-in-place.js';
import { askNode, canBeAsked, whoAnswersAt } from './ask-node.js';
import { baseContentOf } from './base-content.js';
import type { FinishedImage } from './finish-image.js';
import { digestFirstLogin } from './first-login.js';
import { imageToWrite } from './image-to-write.js';
import { installableImage } from './installable-image.js';
import { type InstallationIdentity, installationIdentity } from './installation-identity.js';
import { InstallationSlot } from './installation-slot.js';
import { isInstallationRunning } from './is-installation-running.js';
import { type RecordedDisk, SeenDisks } from './seen-disks.js';
import { sharedTransferOf } from './shared-transfer.js';
import { disksFor, isOtherTarget, requireStrategy } from './strategies.js';

/** What is installed and how. */
export interface InstallationSettings {
  readonly finished: FinishedImage;
  readonly login: NodeLogin;
  /** The same as it is put on record; undefined when nothing is known of it. */
  readonly recordedLogin?: RecordedLogin | undefined;
  readonly strategy?: string;
  readonly strategyForNow?: string;
  readonly target?: string;
  readonly skipBootWait?: boolean;
  readonly bootTimeoutMs?: number;
}

const TEN_MINUTES_MS = 600_000;

/** One run of phase 2: image onto the node, power on, wait until the node is really up. */
export class Installation {
  constructor(
    private readonly context: Context,
    private readonly system: OperatingSystem,
    private readonly request: InstallationSettings,
  ) {}

  step(): PhaseStep<'os_installation'> {
    const { image, inputs, firstLogin } = this.request.finished;
    const strategy = this.#strategy();
    const { target } = this.request;
    const declared = requireStrategy(this.context, this.request.strategy);
    return {
      id: 'os_installation',
      resources: ['slot', 'ssh'],
      disk: disksFor(strategy, boardOf(this.context), target).join(', '),
      unforeseen: async () => strategy.unforeseen?.(target, await this.#seenDisk()) ?? [],
      inputs: async () => ({
        // What was asked for, not the file: an installation stands whatever becomes of that.
        ...(inputs ?? { image: image.sha256, board: this.context.node.config.board }),
        'install.strategy': declared.id,
        ...(isOtherTarget(declared, target) && { 'install.target': target }),
        ...(firstLogin && {
          'install.firstLogin': digestFirstLogin(firstLogin, await this.context.generations.digestKey()),
        }),
      }),
      stands: (output, { signal }) => this.#standing(output, signal),
      ...(canBeAsked(this.system) && { whoAnswers: ({ signal }) => this.#whoAnswers(signal) }),
      // Without the answer of the node there is no proof of what is on its disk by now.
      goesOn: canBeAsked(this.system) && this.request.skipBootWait !== true,
      run: (environment) => this.#execute(environment),
      foresee: (environment) => this.#foreseen(environment),
      refresh: (output) => this.#withLogin(this.#withAddress(output)),
      ...(this.system.reconfigure !== undefined && {
        inPlace: (question) => changeInPlace(this.context, this.system, this.request, question),
      }),
    };
  }

  /** The node proves, by its host key as a rule, that it runs this very installation; a login is not needed. */
  async #standing({ hostKeys }: InstalledNode, signal: AbortSignal): Promise<Standing> {
    if (!canBeAsked(this.system)) return true; // there is nothing but the record
    const { context, system } = this;
    const answer = await askNode(system, { context, node: context.node, hostKeys, signal });
    if (answer.answer === 'expected') return true;
    if (answer.answer === 'other') return { standing: 'contradicted', message: answer.why };
    // Installed without waiting for it: nobody has promised that it answers.
    return this.request.skipBootWait === true || { standing: 'unproven', message: answer.why };
  }

  #whoAnswers(signal: AbortSignal): Promise<Answerer> {
    return whoAnswersAt(this.context, this.system, this.request.finished.image.hostKeys, signal);
  }

  async #isRunning(id: NodeId, signal: AbortSignal): Promise<boolean> {
    const other = await this.context.installedNode(id);
    return other !== undefined && isInstallationRunning(other, this.context, signal);
  }

  /** Undefined when nobody can log in. */
  #username(image: CustomizedImage): string | undefined {
    const { firstLogin } = this.request.finished;
    const name = firstLogin?.username ?? this.system.loginOf?.(image).username;
    return name ?? (this.system.access === 'ssh' ? 'root' : undefined);
  }

  /** Evidence for a plan: what cannot be read is none. */
  async #seenDisk(): Promise<RecordedDisk | undefined> {
    try {
      return await new SeenDisks(this.context).read();
    } catch (error) {
      this.context.logger.debug({ err: error }, 'what an installer saw before was not read');
      return undefined;
    }
  }

  /** The record says how to log in as this run was told: where the password is decides nothing, and may have changed. */
  #withLogin(installed: InstalledNode): InstalledNode {
    const { recordedLogin: login } = this.request;
    return login === undefined ? installed : { ...installed, login };
  }

  /** Where its settings did not change, its address is what the configuration says: they may not name it, as with DHCP. */
  #withAddress(installed: InstalledNode): InstalledNode {
    const { ipAddress } = this.context.node;
    return installed.ipAddress === ipAddress ? installed : { ...installed, ipAddress };
  }

  #strategy(): InstallationStrategy {
    const { strategy, strategyForNow = strategy } = this.request;
    return requireStrategy(this.context, strategyForNow);
  }

  async #execute(environment: PhaseEnvironment): Promise<InstalledNode> {
    const { context, request } = this;
    const { signal, logger, progress } = environment;
    const operation: BoardOperation = { node: context.node, signal, logger, progress };
    const auth = await this.#authentication();
    const installed =
      environment.written === undefined
        ? await this.#write(environment, operation)
        : this.#withLogin(environment.written);
    const skipsWait = request.skipBootWait === true;
    // While the node starts, and not while it is written: both would need the processor.
    const base = skipsWait
      ? undefined
      : baseContentOf(context, this.system, request.finished.image, environment);
    progress({ activity: 'power on' });
    await boardOf(context).powerOn({ ...operation, isSlotWanted: () => environment.isWanted('slot') });
    const module = skipsWait ? undefined : await this.#untilUp(environment, operation, { installed, auth });
    const baseContent = await base;
    if (installed.generation !== undefined) await context.generations.installed(installed.generation);
    return { ...installed, ...(baseContent !== undefined && { baseContent }), ...(module && { module }) };
  }

  /** Writes the image to the node's disk, and notes it. @returns What is there then. */
  async #write(environment: PhaseEnvironment, operation: BoardOperation): Promise<InstalledNode> {
    const { context, request } = this;
    const { permit, cleanup } = environment;
    const image = await imageToWrite(context, request.finished, environment);
    const identity = await installationIdentity(context, image);
    const { generation } = identity;
    const { make } = request.finished;
    const installable = installableImage(
      image,
      (path, format, signal) => context.service(IMAGE_ENGINE).stream(path, format, { signal }),
      make && (() => make(generation)),
      (path, signal) => context.service(IMAGE_ENGINE).digest(path, signal),
    );
    await using slot = await InstallationSlot.take(environment);
    await context.generations.writing(generation);
    const sharedTransfer = await sharedTransferOf(context);
    const { target } = request;
    await this.#strategy().install({
      ...operation,
      ...(target !== undefined && { target }),
      signal: slot.signal,
      slot,
      isStillOurs: () => slot.isOurs(),
      image: installable,
      cleanup,
      sawDisk: (disk) => new SeenDisks(context).note(disk),
      isRunning: (other, asking) => this.#isRunning(other, asking ?? slot.signal),
      ...(permit && { permit }),
      ...(sharedTransfer && { sharedTransfer }),
    });
    const installed = this.#installed(image, identity);
    await environment.hasWritten(installed);
    return installed;
  }

  /** The installation that would be there, with the image that would be made for it. */
  async #foreseen(environment: PhaseEnvironment): Promise<InstalledNode> {
    await this.#authentication();
    const image = await imageToWrite(this.context, this.request.finished, environment);
    return this.#installed(image, await installationIdentity(this.context, image));
  }

  #installed(image: CustomizedImage, { id, generation }: InstallationIdentity): InstalledNode {
    const username = this.#username(image);
    return this.#withLogin({
      installationId: id,
      generation,
      ...(image.recipe !== undefined && { recipe: image.recipe }),
      ...(image.inputs && { inputs: image.inputs }),
      imageSha256: image.sha256,
      os: image.os,
      ipAddress: this.context.node.ipAddress,
      hostname: image.hostname,
      hostKeys: image.hostKeys,
      ...(username !== undefined && { username }),
      strategy: this.#strategy().id,
    });
  }

  async #untilUp(
    environment: PhaseEnvironment,
    operation: BoardOperation,
    { installed, auth }: Pick<ReadinessRequest, 'installed' | 'auth'>,
  ): Promise<ModuleId> {
    const { context, request } = this;
    const { image, firstLogin } = request.finished;
    const timeoutMs = request.bootTimeoutMs ?? TEN_MINUTES_MS;
    // A dialogue that was broken off is not begun a second time.
    if (firstLogin !== undefined) await environment.hasWritten(undefined);
    try {
      await using session = await environment.take('ssh');
      return await this.system.waitUntilReady({
        ...{ context, installed, image, auth, firstLogin, timeoutMs },
        operation: { ...operation, signal: session.signal },
      });
    } catch (error) {
      // What does not come up is written again next time.
      if (!operation.signal.aborted) await environment.hasWritten(undefined);
      throw error;
    } finally {
      // Who stops waiting has not seen the boot end: no flash takes the node for one in USB boot yet.
      if (!operation.signal.aborted) await boardOf(this.context).bootEnded?.(operation);
    }
  }

  /** Asked before anything is flashed: a node that nobody can log in to would be waited for in vain. */
  async #authentication(): Promise<SshAuthentication> {
    if (this.system.access !== 'ssh') return {};
    const auth = await authenticationFor(this.context, this.request.login);
    const any = auth.privateKey ?? auth.password ?? (auth.agent === true || undefined);
    if (any === undefined && this.request.skipBootWait !== true)
      throw new ProvisioningError(
        'LOGIN_MISSING',
        `there is no key or password to log in to ${this.context.node.hostname} with`,
        {
          hint: 'Give initialUserPassword, or ssh.privateKey in the configuration for one of the keys in the image; or skipBootWait.',
        },
      );
    return auth;
  }
}
