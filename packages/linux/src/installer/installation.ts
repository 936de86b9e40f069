import { randomUUID } from 'node:crypto';
import type {
  Answerer,
  BoardOperation,
  Context,
  CustomizedImage,
  InstallationStrategy,
  InstalledNode,
  PhaseEnvironment,
  PhaseStep,
  Standing,
} from '@turingpi/core/plugin';
import { type HostKeyAnswer, SSH_PORT, type SshAuthentication } from '@turingpi/runtime';
import { firstBootOf } from '../first-boot/first-boot.js';
import { LinuxError } from '../linux-error.js';
import type { LinuxToolbox } from '../profile/linux-toolbox.js';
import { type BootWaitRequest, waitUntilUp } from './boot-wait.js';
import { digestFirstLogin, type FirstLogin } from './first-login.js';
import { installableImage } from './installable-image.js';
import { authenticationFor, type NodeLogin } from './node-login.js';

/** What is installed and how. */
export interface InstallationRequest {
  readonly image: CustomizedImage;
  readonly login: Pick<NodeLogin, 'password' | 'sshKeys'>;
  readonly firstLogin: FirstLogin | undefined;
  readonly strategy?: string;
  readonly skipBootWait?: boolean;
  readonly bootTimeoutMs?: number;
}

const TEN_MINUTES_MS = 600_000;

/** One run of phase 2: image onto the node, power on, wait until the node is really up. */
export class Installation {
  constructor(
    private readonly context: Context,
    private readonly toolbox: LinuxToolbox,
    private readonly request: InstallationRequest,
  ) {}

  step(): PhaseStep<'os_installation'> {
    const { image, firstLogin } = this.request;
    const strategy = this.#strategy();
    return {
      phase: 'os_installation',
      inputs: async () => ({
        image: image.plan ?? image.rawSha256 ?? image.sha256,
        credentials: image.credentialsHash,
        board: this.context.node.config.board,
        strategy: strategy.id,
        username: this.#username(),
        firstLogin: firstLogin && (await digestFirstLogin(firstLogin, this.context.cacheDir)),
      }),
      isOutputValid: (output, { signal }) => this.#standing(output, signal),
      whoAnswers: ({ signal }) => this.#whoAnswers(signal),
      execute: (environment) => this.#execute(environment),
    };
  }

  /** The node proves by its host key that it runs this very installation; a login is not needed. */
  async #standing({ hostKeys }: InstalledNode, signal: AbortSignal): Promise<Standing> {
    const answer = await this.#ask(hostKeys, signal);
    if (answer.answer === 'expected') return true;
    if (answer.answer === 'other') return { standing: 'contradicted', message: answer.why };
    // Installed without waiting for it: nobody has promised that it answers.
    return this.request.skipBootWait === true || { standing: 'unproven', message: answer.why };
  }

  async #whoAnswers(signal: AbortSignal): Promise<Answerer> {
    const answer = await this.#ask(this.request.image.hostKeys, signal);
    if (answer.answer === 'none')
      return answer.refused && this.context.node.config.ssh?.host === undefined ? 'other' : 'nobody';
    return answer.answer === 'expected' ? 'ours' : 'other';
  }

  #ask(hostKeys: readonly string[], signal: AbortSignal): Promise<HostKeyAnswer> {
    const { node } = this.context;
    const { host = node.ipAddress, port = SSH_PORT } = node.config.ssh ?? {};
    return this.toolbox.ssh.askHostKey({ host, port, hostKeys }, { signal });
  }

  #username(): string {
    const { firstLogin, image } = this.request;
    if (firstLogin) return firstLogin.username;
    const { username } = image.facts;
    return typeof username === 'string' ? username : 'root';
  }

  #strategy(): InstallationStrategy {
    const { strategies, title } = this.context.board;
    const { strategy: id } = this.request;
    const strategy =
      id === undefined
        ? strategies[0]
        : strategies.find((candidate) => candidate.id === id || candidate.aliases?.includes(id));
    if (strategy) return strategy;
    throw new LinuxError('STRATEGY_UNKNOWN', `${title} has no installation strategy '${id ?? ''}'`, {
      hint: `It has: ${strategies.map((candidate) => candidate.id).join(', ')}.`,
    });
  }

  async #execute(environment: PhaseEnvironment): Promise<InstalledNode> {
    const { context, request } = this;
    const { signal, logger, progress, cleanup } = environment;
    const { image } = request;
    const operation: BoardOperation = { node: context.node, signal, logger, progress };
    const auth = await this.#authentication();
    const installable = installableImage(image, (path, format, openSignal) =>
      this.toolbox.engine.stream(path, format, { signal: openSignal }),
    );
    const strategy = this.#strategy();
    const { permit } = environment;
    await strategy.install({ ...operation, image: installable, cleanup, ...(permit && { permit }) });
    const installed: InstalledNode = {
      installationId: randomUUID(),
      imageSha256: image.sha256,
      os: image.os,
      ipAddress: context.node.ipAddress,
      hostname: image.hostname,
      hostKeys: image.hostKeys,
      username: this.#username(),
      strategy: strategy.id,
    };
    progress({ activity: 'power on' });
    await context.board.powerOn(operation);
    if (request.skipBootWait !== true)
      await this.#untilUp(operation, {
        context,
        ssh: this.toolbox.ssh,
        operation,
        installed,
        auth,
        firstLogin: request.firstLogin,
        firstBoot: firstBootOf(image),
        timeoutMs: request.bootTimeoutMs ?? TEN_MINUTES_MS,
      });
    return installed;
  }

  async #untilUp(operation: BoardOperation, wait: BootWaitRequest): Promise<void> {
    try {
      await waitUntilUp(wait);
    } finally {
      await this.context.board.bootEnded?.(operation);
    }
  }

  /** Asked before anything is flashed: a node that nobody can log in to would be waited for in vain. */
  async #authentication(): Promise<SshAuthentication> {
    const auth = await authenticationFor(this.context, this.request.login);
    const any = auth.privateKey ?? auth.password ?? (auth.agent === true || undefined);
    if (any === undefined && this.request.skipBootWait !== true)
      throw new LinuxError(
        'LOGIN_MISSING',
        `there is no key or password to log in to ${this.context.node.hostname} with`,
        {
          hint: 'Give initialUserPassword, or ssh.privateKey in the configuration for one of the keys in the image; or skipBootWait.',
        },
      );
    return auth;
  }
}
