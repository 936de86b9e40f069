import { randomUUID } from 'node:crypto';
import type {
  BoardOperation,
  Context,
  CustomizedImage,
  InstallableImage,
  InstallationStrategy,
  InstalledNode,
  PhaseEnvironment,
  PhaseStep,
} from '@turingpi/core/plugin';
import { TuringPiError } from '@turingpi/core/plugin';
import { describeTarget, type SshAuthentication, type SshSession } from '@turingpi/runtime';
import { LinuxError } from '../linux-error.js';
import type { LinuxToolbox } from '../profile/linux-toolbox.js';
import { ConsoleWatch } from './console-watch.js';
import { authenticationFor, type NodeLogin, sshTargetFor } from './node-login.js';
import { waitForFirstBoot } from './wait-for-first-boot.js';

/** What is installed and how. */
export interface InstallationRequest {
  readonly image: CustomizedImage;
  readonly login: Pick<NodeLogin, 'password' | 'sshKeys'>;
  readonly strategy?: string;
  readonly skipBootWait?: boolean;
  readonly bootTimeoutMs?: number;
}

const TEN_MINUTES_MS = 600_000;
/** Accounts are in the image before sshd starts; until the system is up, logins of ordinary users are refused though. */
const REFUSAL_GRACE_MS = 60_000;
const CONSOLE_LINES = 20;

/** One run of phase 2: image onto the node, power on, wait until the node is really up. */
export class Installation {
  constructor(
    private readonly context: Context,
    private readonly toolbox: LinuxToolbox,
    private readonly request: InstallationRequest,
  ) {}

  step(): PhaseStep<'os_installation'> {
    const { image } = this.request;
    return {
      phase: 'os_installation',
      inputs: {
        image: image.sha256,
        board: this.context.node.config.board,
        strategy: this.#strategy().id,
        username: this.#username(),
      },
      // What is on the node cannot be looked at cheaply; the record stands until the image changes.
      isOutputValid: () => Promise.resolve(true),
      execute: (environment) => this.#execute(environment),
    };
  }

  #username(): string {
    const { username } = this.request.image.facts;
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
    const installable: InstallableImage = {
      record: image,
      open: (format, openSignal) => this.toolbox.engine.stream(image.path, format, { signal: openSignal }),
    };
    const strategy = this.#strategy();
    await strategy.install({ ...operation, image: installable, cleanup });
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
    if (request.skipBootWait !== true) await this.#waitUntilUp(operation, installed, auth);
    return installed;
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

  async #waitUntilUp(
    operation: BoardOperation,
    installed: InstalledNode,
    auth: SshAuthentication,
  ): Promise<void> {
    const { bootTimeoutMs: timeoutMs = TEN_MINUTES_MS } = this.request;
    const until = performance.now() + timeoutMs;
    const target = sshTargetFor(this.context, installed, auth);
    operation.progress({ activity: 'wait for SSH', note: describeTarget(target) });
    await using watch = new ConsoleWatch(this.context.board, operation, installed.ipAddress);
    let session: SshSession;
    try {
      session = await this.toolbox.ssh.waitFor(target, {
        signal: AbortSignal.any([operation.signal, watch.fatal]),
        timeoutMs,
        refusalGraceMs: Math.min(REFUSAL_GRACE_MS, timeoutMs),
        onAttempt: ({ message }) => operation.progress({ activity: 'wait for SSH', note: message }),
      });
    } catch (error) {
      operation.signal.throwIfAborted();
      throw this.#bootFailure(error, watch, describeTarget(target), timeoutMs);
    }
    await using open = session;
    const { signal, progress } = operation;
    await waitForFirstBoot(this.request.image.facts['firstBoot'], {
      session: open,
      signal,
      progress,
      timeoutMs: Math.max(60_000, until - performance.now()),
    });
  }

  #bootFailure(error: unknown, watch: ConsoleWatch, place: string, timeoutMs: number): unknown {
    const code = TuringPiError.is(error) ? error.code : undefined;
    // It answers, but as somebody else or not to us: that error says more than the console could.
    if (code === 'SSH_AUTH_REFUSED' || code === 'SSH_HOST_KEY_MISMATCH' || code === 'SSH_PASSWORD_EXPIRED')
      return error;
    const { diagnosis } = watch;
    const lines = watch.tail(CONSOLE_LINES);
    const told = diagnosis
      ? `: ${diagnosis.message}`
      : lines.length === 0
        ? ': its serial console was silent'
        : '';
    const details = { console: lines, ...(code !== undefined && { ssh: code }) };
    if (watch.fatal.aborted)
      return new LinuxError('BOOT_FAILED', `${place} does not start${told}`, {
        cause: error,
        details,
        ...(diagnosis?.hint !== undefined && { hint: diagnosis.hint }),
      });
    if (code === undefined) return error;
    return new LinuxError(
      'BOOT_TIMEOUT',
      `${place} did not come up within ${Math.round(timeoutMs / 1000)} s${told}`,
      {
        cause: error,
        details,
        hint:
          diagnosis?.hint ??
          `The last attempt: ${error instanceof Error ? error.message : ''} Look at the serial console, or raise bootTimeoutMs.`,
      },
    );
  }
}
