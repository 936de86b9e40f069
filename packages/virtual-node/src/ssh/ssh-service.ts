import type { Socket } from 'node:net';
import ssh2 from 'ssh2';
import type { Connection, Server, ServerChannel, Session } from 'ssh2';
import { NODE_COMMANDS } from '../command/node-commands.js';
import { ShellSession } from '../shell/shell-session.js';
import { StreamedInput } from '../shell/standard-input.js';
import type { Account } from '../system/accounts.js';
import type { NodeSystem } from '../system/node-system.js';
import { checkLogin } from './login-check.js';
import { serveSftp } from './sftp-service.js';
import { changePasswordDialogue, serveTerminal, type Terminal } from './terminal-service.js';

const EXPIRED = 'WARNING: Your password has expired.\nPassword change required but no TTY available.\n';
/** Why a command ended: a client asked for it. */
class Killed extends Error {
  constructor(readonly signal: string) {
    super(`killed by ${signal}`);
  }
}

const NO_LOGIN = /\/(nologin|false)$/;

/** The SSH server of a simulated node: host keys, users and permissions are those on its disk. */
export class SshService {
  readonly #server: Server;

  constructor(
    private readonly system: NodeSystem,
    hostKeys: readonly string[],
  ) {
    this.#server = new ssh2.Server({ hostKeys: [...hostKeys], ident: 'simulated' }, (connection) =>
      this.#serve(connection),
    );
  }

  accept(socket: Socket): void {
    this.#server.injectSocket(socket);
  }

  #serve(connection: Connection): void {
    let account: Account | undefined;
    connection.on('error', () => undefined);
    connection.on('authentication', (attempt) => {
      checkLogin(this.system, attempt).then(
        (verdict) => {
          if (verdict.accepted) {
            account = verdict.account;
            attempt.accept();
            return;
          }
          if (attempt.method !== 'none') this.system.log(`sshd: ${verdict.why}`);
          attempt.reject(verdict.methods);
        },
        () => attempt.reject([]), // the system went down meanwhile
      );
    });
    connection.on('session', (accept) => {
      if (account !== undefined) this.#session(accept(), account);
    });
  }

  #session(session: Session, account: Account): void {
    const environment = new Map<string, string>();
    let terminal = false;
    session.on('env', (accept: (() => void) | undefined, _reject, info) => {
      environment.set(info.key, info.val);
      accept?.();
    });
    session.on('pty', (accept: (() => void) | undefined) => {
      terminal = true;
      accept?.();
    });
    session.on('window-change', (accept: (() => void) | undefined) => accept?.());
    const killed = new AbortController();
    // ssh2 hears no more requests once the client has ended its input; OpenSSH does, and a signal comes just then.
    session.on('eof' as 'close', () => {
      (session as unknown as { _ending: boolean })._ending = false;
    });
    session.on('signal', (accept: (() => void) | undefined, _reject, info) => {
      accept?.();
      if (info.name !== 'WINCH') killed.abort(new Killed(info.name));
    });
    session.on('exec', (accept, _reject, info) => {
      const channel = accept();
      this.#carryOut(channel, () => this.#execute(channel, account, info.command, killed.signal));
    });
    session.on('shell', (accept) => {
      const channel = accept();
      this.#carryOut(channel, async () => {
        const expired = account.mustChangePassword;
        if (expired && terminal)
          return changePasswordDialogue(this.system, account, terminalOf(channel, true));
        if (expired || NO_LOGIN.test(account.shell)) return this.#turnAway(channel, account);
        return serveTerminal(this.system, account, terminalOf(channel, terminal));
      });
    });
    session.on('sftp', (accept, reject) => {
      if (account.mustChangePassword || NO_LOGIN.test(account.shell)) reject();
      else serveSftp(this.system, account, accept());
    });
  }

  async #execute(
    channel: ServerChannel,
    account: Account,
    command: string,
    killed: AbortSignal,
  ): Promise<number> {
    if (account.mustChangePassword || NO_LOGIN.test(account.shell)) return this.#turnAway(channel, account);
    const shell = new ShellSession(
      this.system,
      account,
      NODE_COMMANDS,
      undefined,
      undefined,
      AbortSignal.any([this.system.signal, killed]),
    );
    const io = {
      input: new StreamedInput(channel, killed),
      out: (data: string | Uint8Array) => void channel.write(data),
      err: (data: string | Uint8Array) => void channel.stderr.write(data),
    };
    const end = new Promise<never>((_, reject) => {
      killed.addEventListener('abort', () => reject(killed.reason as Error), { once: true });
    });
    const running = shell.run(command, io);
    try {
      return await Promise.race([running, end]);
    } finally {
      await running.catch(() => undefined); // what was killed is told to have ended when it has
      await this.system.sync();
    }
  }

  #turnAway(channel: ServerChannel, account: Account): number {
    if (account.mustChangePassword) channel.stderr.write(EXPIRED);
    else channel.write('This account is currently not available.\n');
    return 1;
  }

  /** Runs something on a channel and ends the channel with its status; nothing is left to say when the node went down. */
  #carryOut(channel: ServerChannel, run: () => Promise<number>): void {
    channel.on('error', () => undefined);
    run().then(
      (status) => {
        channel.exit(status);
        channel.end();
        channel.close();
      },
      (error: unknown) => {
        if (error instanceof Killed) channel.exit(error.signal);
        else if (!this.system.signal.aborted)
          this.system.log(`[virtual board] a command failed unexpectedly: ${String(error)}`);
        channel.close();
      },
    );
  }
}

function terminalOf(channel: ServerChannel, interactive: boolean): Terminal {
  const lineEnds = (text: string): string => (interactive ? text.replaceAll(/\r?\n/g, '\r\n') : text);
  const say = (text: string): void => void channel.write(lineEnds(text));
  const complain = interactive ? say : (text: string): void => void channel.stderr.write(text);
  return { lines: new StreamedInput(channel), say, complain, interactive };
}
