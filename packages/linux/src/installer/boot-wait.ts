import { boardOf, type FirstLogin, type ReadinessRequest, sshTargetFor } from '@turingpi/provisioning';
import type { ModuleId } from '@turingpi/core/plugin';
import { type Secret, TuringPiError } from '@turingpi/foundation';
import { describeTarget, type SshRuntime, type SshSession, type SshTarget } from '@turingpi/runtime';
import type { FirstBoot } from '../first-boot/first-boot.js';
import { readModuleId } from '../identity/read-module-id.js';
import { LinuxError } from '../linux-error.js';
import { changePasswordOnConsole } from './change-password-on-console.js';
import { ConsoleWatch } from './console-watch.js';
import { LoginRefusals, REFUSED_WHILE_BOOTING_MS } from './login-refusals.js';
import { waitForFirstBoot } from './wait-for-first-boot.js';

/** A node that was just powered on, and how it is asked. */
export interface BootWaitRequest extends ReadinessRequest {
  readonly ssh: SshRuntime;
  readonly firstBoot: FirstBoot;
}

const FIRST_BOOT_AT_LEAST_MS = 60_000;
const CONSOLE_LINES = 20;
/** For the one login that counts, while the node still boots. */
const BUSY_CONNECT_MS = 60_000;

/**
 * Waits until a node is really up: it answers with our host key, lets us in, and has done its first boot's work.
 *
 * @returns The module that it runs on, as far as it tells.
 * @throws LinuxError `BOOT_FAILED` (the console shows it), `BOOT_TIMEOUT` with the console's diagnosis,
 * `FIRST_BOOT_FAILED`, `FIRST_LOGIN_FAILED`; RuntimeError `SSH_AUTH_REFUSED`, `SSH_HOST_KEY_MISMATCH`,
 * `SSH_PASSWORD_EXPIRED`, `SSH_PASSWORD_CHANGE_FAILED`; the signal's reason when it fires.
 */
export async function waitUntilUp(request: BootWaitRequest): Promise<ModuleId> {
  const { context, operation, installed, timeoutMs } = request;
  const until = performance.now() + timeoutMs;
  await using watch = new ConsoleWatch(boardOf(context), operation, installed.ipAddress);
  await using session = await new BootWait(request, watch, until).login();
  await waitForFirstBoot(request.firstBoot, {
    session,
    signal: operation.signal,
    progress: operation.progress,
    timeoutMs: Math.max(FIRST_BOOT_AT_LEAST_MS, until - performance.now()),
  });
  return await readModuleId(session, operation.signal); // while the session is open
}

class BootWait {
  constructor(
    private readonly request: BootWaitRequest,
    private readonly watch: ConsoleWatch,
    private readonly until: number,
  ) {}

  async login(): Promise<SshSession> {
    const { context, operation, installed, auth, firstLogin } = this.request;
    const target = sshTargetFor(context, installed, auth);
    this.#waits(describeTarget(target));
    try {
      if (firstLogin) await this.#passFirstLogin(firstLogin, target);
      const session = await this.#connect(target);
      if (firstLogin) await authorize(session, firstLogin.sshKeys, operation.signal);
      return session;
    } catch (error) {
      operation.signal.throwIfAborted();
      throw this.#explain(error, describeTarget(target));
    }
  }

  async #passFirstLogin(login: FirstLogin, target: SshTarget): Promise<void> {
    const { hostname } = this.request.context.node;
    this.request.operation.progress({
      activity: 'first login',
      note: `change the password of ${login.username}`,
    });
    if (login.over !== 'console' && (await this.#passFirstLoginOverSsh(login, target))) return;
    await changePasswordOnConsole(
      // Once SSH has answered, its prompt is long on the console, and perhaps covered: an empty line brings it back.
      this.watch.openChannel(login.over === 'console' ? 'tail' : 'now'),
      login,
      {
        place: `the serial console of ${hostname}`,
        signal: AbortSignal.any([this.request.operation.signal, this.watch.fatal]),
        timeoutMs: this.#remainingMs(),
        nudge: login.over !== 'console',
      },
    );
  }

  /** @returns Whether the password is changed; false when the console is to be tried. */
  async #passFirstLoginOverSsh(login: FirstLogin, target: SshTarget): Promise<boolean> {
    const { operation } = this.request;
    const { username, shippedPassword: password, newPassword, over } = login;
    const shipped: SshTarget = { ...target, username, auth: { password } };
    try {
      await using session = await this.#connect(shipped);
      // Let in although a change was to be expected: then nobody asks for one.
      await session.exec(['chpasswd'], {
        signal: operation.signal,
        sudo: true,
        input: `${username}:${newPassword.reveal()}\n`,
      });
      return true;
    } catch (error) {
      if (hasCode(error, 'SSH_AUTH_REFUSED') && over === undefined) return false;
      if (!hasCode(error, 'SSH_PASSWORD_EXPIRED')) throw error;
    }
    try {
      await this.#changeExpiredPassword(shipped, newPassword);
      return true;
    } catch (error) {
      // A node that refuses the new password would do so on its console, too; an odd dialogue may be a usual one there.
      const odd = error instanceof Error && TuringPiError.is(error.cause);
      if (hasCode(error, 'SSH_PASSWORD_CHANGE_FAILED') && odd && over === undefined) return false;
      throw error;
    }
  }

  /** Holds the dialogue again with a node that is too busy booting to answer in time. */
  async #changeExpiredPassword(shipped: SshTarget, newPassword: Secret): Promise<void> {
    const { ssh, operation } = this.request;
    const { signal } = operation;
    for (;;)
      try {
        await ssh.changeExpiredPassword(shipped, { signal, newPassword, connectTimeoutMs: BUSY_CONNECT_MS });
        return;
      } catch (error) {
        if (!isUnanswered(error) || performance.now() > this.until) throw error;
        operation.progress({ activity: 'first login', note: error.message });
        // It may have fallen silent after the change.
        if (await this.#isLetIn({ ...shipped, auth: { password: newPassword } })) return;
      }
  }

  async #isLetIn(target: SshTarget): Promise<boolean> {
    try {
      await (
        await this.request.ssh.connect(target, { signal: this.request.operation.signal })
      )[Symbol.asyncDispose]();
      return true;
    } catch (error) {
      if (isUnanswered(error) || hasCode(error, 'SSH_AUTH_REFUSED')) return false;
      throw error;
    }
  }

  /** Waits for SSH, but not for a login that will never be accepted. */
  async #connect(target: SshTarget): Promise<SshSession> {
    const { ssh, operation } = this.request;
    const hopeless = new AbortController();
    const refusals = new LoginRefusals(target, this.watch, this.request.firstBoot);
    const timeoutMs = this.#remainingMs();
    return ssh.waitFor(target, {
      signal: AbortSignal.any([operation.signal, this.watch.fatal, hopeless.signal]),
      timeoutMs,
      refusalGraceMs: Math.min(REFUSED_WHILE_BOOTING_MS, timeoutMs),
      onAttempt: (attempt) => {
        this.#waits(attempt.code === 'SSH_AUTH_REFUSED' ? 'it lets nobody in yet' : 'no answer yet');
        if (refusals.isFinal(attempt)) hopeless.abort(refusals.failure(attempt));
      },
    });
  }

  /** Says what is waited for. A node that does not answer yet is no failure, and is not told like one. */
  #waits(note: string): void {
    const { operation, timeoutMs } = this.request;
    operation.progress({ activity: 'wait for SSH', limitMs: timeoutMs, note });
  }

  #remainingMs(): number {
    return Math.max(1, this.until - performance.now());
  }

  /** Puts what the console showed beside what SSH said. */
  #explain(error: unknown, place: string): unknown {
    const { watch } = this;
    const { timeoutMs } = this.request;
    const code = TuringPiError.is(error) ? error.code : undefined;
    const { diagnosis } = watch;
    const lines = watch.tail(CONSOLE_LINES);
    const details = { console: lines, ...(code !== undefined && { ssh: code }) };
    if (watch.fatal.aborted)
      return new LinuxError('BOOT_FAILED', `${place} does not start: ${diagnosis?.message ?? ''}`, {
        cause: error,
        details,
        hint: diagnosis?.hint ?? 'Look at the serial console with `turingpi node uart`.',
      });
    // Where it answers, but as somebody else or not to us, the error says more than the console could.
    if (code === undefined || !UNANSWERED.has(code)) return error;
    const told = diagnosis?.message ?? (lines.length === 0 ? 'its serial console was silent' : undefined);
    return new LinuxError(
      'BOOT_TIMEOUT',
      `${place} did not come up within ${Math.round(timeoutMs / 1000)} s${told === undefined ? '' : `: ${told}`}`,
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

const UNANSWERED: ReadonlySet<string> = new Set([
  'SSH_UNREACHABLE',
  'SSH_TIMEOUT',
  'SSH_PROTOCOL',
  'SSH_CONNECTION_LOST',
]);

function isUnanswered(error: unknown): error is TuringPiError {
  return TuringPiError.is(error) && UNANSWERED.has(error.code);
}

function hasCode(error: unknown, code: string): boolean {
  return TuringPiError.is(error) && error.code === code;
}

/** Adds public keys for the user who is logged in; the session is closed when that fails. */
async function authorize(
  session: SshSession,
  sshKeys: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  if (sshKeys.length === 0) return;
  try {
    await session.exec('umask 077 && mkdir -p .ssh && cat >> .ssh/authorized_keys', {
      signal,
      input: sshKeys.map((key) => `${key}\n`).join(''),
    });
  } catch (error) {
    await session[Symbol.asyncDispose]();
    throw error;
  }
}
