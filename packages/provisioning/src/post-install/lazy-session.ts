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
    /** Where the node is now; default: where its configuration says. */
    private address?: string,
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
      throw explainRefusal(error, this.login, this.context.node);
    });
    try {
      // A system that does not tell modules apart has proven itself by its key alone.
      await this.context.checkModule((await this.os.readModule?.(session, signal)) ?? {});
    } catch (error) {
      await session[Symbol.asyncDispose]();
      throw error;
    }
    this.#keep(session);
    return session;
  }

  #keep(session: SshSession): void {
    this.#session = session;
    void session.closed.then(() => {
      if (this.#session === session) this.#session = undefined;
    });
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

  /**
   * Ends the connection, and connects to the node at another address; to where the configuration says that its SSH is, if
   * it does. It must show its own host key there.
   *
   * @param timeoutMs - after which it is not reached there, in milliseconds
   * @throws RuntimeError `SSH_UNREACHABLE` and its like; the session is made at the old address again when it is next asked for.
   */
  async moveTo(address: string, timeoutMs: number): Promise<SshSession> {
    const { signal } = this.environment;
    await this.#session?.[Symbol.asyncDispose]();
    this.#session = undefined;
    const { host = address } = this.context.node.config.ssh ?? {};
    const target = { ...(await this.#whereto()), host };
    const session = await this.ssh.waitFor(target, { signal, timeoutMs, refusalGraceMs: timeoutMs });
    this.address = address;
    this.#target = target;
    this.#keep(session);
    return session;
  }

  async #whereto(): Promise<SshTarget> {
    this.#target ??= sshTargetFor(
      this.context,
      this.installed,
      await authenticationFor(this.context, this.login),
      this.address,
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
