import type { Context, PhaseEnvironment } from '@turingpi/core/plugin';
import type { SshRuntime, SshSession, SshTarget } from '@turingpi/runtime';
import { readModuleId } from '../identity/read-module-id.js';
import { authenticationFor, type NodeLogin, sshTargetFor } from '../installer/node-login.js';

const TWO_MINUTES_MS = 120_000;

/** The connection to a node: made when an action first needs it, kept for the next ones, made again when it broke. */
export class LazySession implements AsyncDisposable {
  #session: SshSession | undefined;
  #target: SshTarget | undefined;

  constructor(
    private readonly context: Context,
    private readonly ssh: SshRuntime,
    private readonly login: NodeLogin,
    private readonly environment: PhaseEnvironment,
  ) {}

  /**
   * @throws RuntimeError `SSH_AUTH_REFUSED` at once, `SSH_UNREACHABLE` and its like after two minutes; IdentityError
   * `MODULE_CHANGED` when the system runs on another module than the one on record.
   */
  async open(): Promise<SshSession> {
    if (this.#session) return this.#session;
    const { signal, progress } = this.environment;
    progress({ activity: 'connect' });
    const session = await this.ssh.waitFor(await this.#whereto(), {
      signal,
      timeoutMs: TWO_MINUTES_MS,
      refusalGraceMs: 0,
    });
    try {
      await this.context.checkModule(await readModuleId(session, signal));
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
      this.login.installed,
      await authenticationFor(this.context, this.login),
    );
    return this.#target;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#session?.[Symbol.asyncDispose]();
  }
}
