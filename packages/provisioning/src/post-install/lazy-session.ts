import type { Context, HeldResource, InstalledNode, PhaseEnvironment } from '@turingpi/core/plugin';
import type { SshRuntime, SshSession, SshTarget } from '@turingpi/runtime';
import { explainRefusal } from '../login/explain-refusal.js';
import { authenticationFor, sshTargetFor } from '../login/node-login.js';
import type { ReadLogin } from '../login/recorded-login.js';
import { assertCommandsPossible } from '../os/commands-possible.js';
import type { OperatingSystem } from '../os/operating-system.js';

const TWO_MINUTES_MS = 120_000;

/** The connection to a node: made when an action first needs it, kept for the next ones, made again when it broke. */
export class LazySession implements AsyncDisposable {
  #session: SshSession | undefined;
  #turn: HeldResource | undefined;
  #target: SshTarget | undefined;

  constructor(
    private readonly context: Context,
    private readonly ssh: SshRuntime,
    private readonly os: Pick<OperatingSystem, 'access' | 'readModule' | 'title'>,
    private readonly installed: InstalledNode,
    private readonly login: ReadLogin,
    private readonly environment: Pick<PhaseEnvironment, 'signal' | 'progress' | 'take'>,
    /** Milliseconds in which the node must let us in. */
    private readonly timeoutMs = TWO_MINUTES_MS,
  ) {}

  /**
   * @throws ProvisioningError `COMMANDS_IMPOSSIBLE` for a system without SSH; RuntimeError `SSH_AUTH_REFUSED` at once, `SSH_UNREACHABLE` and its like when its time is over; IdentityError
   * `MODULE_CHANGED` when the system runs on another module than the one on record.
   */
  async open(): Promise<SshSession> {
    if (this.#session) return this.#session;
    assertCommandsPossible(this.os, this.context.node.hostname);
    const { signal, progress } = this.environment;
    this.#turn ??= await this.environment.take('ssh');
    progress({ activity: 'connect' });
    const options = { signal, timeoutMs: this.timeoutMs, refusalGraceMs: 0 };
    const session = await this.ssh.waitFor(await this.#whereto(), options).catch((error: unknown) => {
      throw explainRefusal(error, this.login, this.context.node);
    });
    try {
      // A system that does not tell modules apart has proven itself by its key alone.
      await this.context.checkModule((await this.os.readModule?.(session, signal)) ?? {});
    } catch (error) {
      await session[Symbol.asyncDispose]();
      throw error;
    }
    this.#session = session;
    void session.closed.then(() => {
      if (this.#session === session) this.#session = undefined;
    });
    return session;
  }

  /** Restarts the node and waits for it. */
  async reboot(timeoutMs: number | undefined): Promise<void> {
    const session = await this.open();
    this.#session = undefined;
    const { signal } = this.environment;
    this.#session = await this.ssh.reboot(session, await this.#whereto(), {
      signal,
      ...(timeoutMs !== undefined && { timeoutMs }),
    });
  }

  async #whereto(): Promise<SshTarget> {
    this.#target ??= sshTargetFor(
      this.context,
      this.installed,
      await authenticationFor(this.context, this.login),
    );
    return this.#target;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      await this.#session?.[Symbol.asyncDispose]();
    } finally {
      await this.#turn?.[Symbol.asyncDispose]();
    }
  }
}
