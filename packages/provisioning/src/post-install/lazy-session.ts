import type { Context, HeldResource, InstalledNode, PhaseEnvironment } from '@turingpi/core/plugin';
import { RuntimeError, type SshRuntime, type SshSession, type SshTarget } from '@turingpi/runtime';
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
  ) {}

  /**
   * @throws ProvisioningError `COMMANDS_IMPOSSIBLE` for a system without SSH; RuntimeError `SSH_AUTH_REFUSED` at once, `SSH_UNREACHABLE` and its like after two minutes; IdentityError
   * `MODULE_CHANGED` when the system runs on another module than the one on record.
   */
  async open(): Promise<SshSession> {
    if (this.#session) return this.#session;
    assertCommandsPossible(this.os, this.context.node.hostname);
    const { signal, progress } = this.environment;
    this.#turn ??= await this.environment.take('ssh');
    progress({ activity: 'connect' });
    const options = { signal, timeoutMs: TWO_MINUTES_MS, refusalGraceMs: 0 };
    const session = await this.ssh.waitFor(await this.#whereto(), options).catch((error: unknown) => {
      throw this.#explained(error);
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

  /** What else there is to log in with, where the record had no password for us. */
  #explained(error: unknown): unknown {
    const { missing } = this.login;
    if (missing === undefined || !(error instanceof RuntimeError) || error.code !== 'SSH_AUTH_REFUSED')
      return error;
    return new RuntimeError('SSH_AUTH_REFUSED', `${error.message}; ${missing}`, {
      cause: error,
      hint:
        'Give the password to the post-installer, for example postInstaller({ password: { env: NAME } }), or ' +
        '`ssh.privateKey` or `ssh.password` in the configuration. Of your own identities and keys in an agent only ' +
        'those that the image lets in are of use.',
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      await this.#session?.[Symbol.asyncDispose]();
    } finally {
      await this.#turn?.[Symbol.asyncDispose]();
    }
  }
}
