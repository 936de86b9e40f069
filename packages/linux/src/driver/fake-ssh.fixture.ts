import {
  type CommandResult,
  type ChangePasswordOptions,
  type HostKeyAnswer,
  RuntimeError,
  type SshRuntime,
  type SshSession,
  type SshTarget,
  type WaitForSshOptions,
} from '@turingpi/runtime';

import { READ_MODULE_ID } from '../identity/read-module-id.js';

const ENDED = { exitCode: 0, stdout: '', stderr: '', signal: undefined, truncated: false };

type Answer = (command: string) => Partial<CommandResult> | undefined;

/** An SSH runtime without a network: keeps targets and commands, and answers as a test says. */
export class FakeSsh implements SshRuntime {
  readonly targets: SshTarget[] = [];
  readonly commands: string[] = [];
  readonly files = new Map<string, { readonly content: string; readonly mode: number | undefined }>();
  /** What the node says of its module: serial number and CID, a line each. */
  module = '\n';
  reboots = 0;
  closed = 0;
  answer: Answer = () => undefined;
  /** Thrown instead of connecting; `wait` waits for the signal. */
  refusal: RuntimeError | 'wait' | ((target: SshTarget) => RuntimeError | undefined) | undefined;
  /** Users whose password was changed at a first login. */
  readonly changed: { readonly username: string; readonly password: string }[] = [];
  changeFailure: RuntimeError | undefined;

  /** Who answers when a node is asked for its host key. */
  hostKeyAnswer: HostKeyAnswer = { answer: 'expected' };

  askHostKey(): Promise<HostKeyAnswer> {
    return Promise.resolve(this.hostKeyAnswer);
  }

  async waitFor(target: SshTarget, { signal, onAttempt }: WaitForSshOptions): Promise<SshSession> {
    this.targets.push(target);
    const refusal = typeof this.refusal === 'function' ? this.refusal(target) : this.refusal;
    if (refusal instanceof RuntimeError && refusal.code === 'SSH_AUTH_REFUSED' && onAttempt)
      // As a real node: refuses for as long as it is asked.
      for (let attempt = 1; attempt <= 30; attempt += 1) {
        await new Promise((resolve) => setImmediate(resolve));
        signal.throwIfAborted();
        onAttempt({ attempt, code: refusal.code, message: refusal.message, elapsedMs: attempt * 1000 });
      }
    if (refusal === 'wait')
      await new Promise((_resolve, reject) => {
        const stop = (): void => reject(signal.reason as Error);
        if (signal.aborted) stop();
        else signal.addEventListener('abort', stop, { once: true });
      });
    else if (refusal) {
      await new Promise((resolve) => setImmediate(resolve)); // as any network would
      signal.throwIfAborted();
      throw refusal;
    }
    return this.#session(target);
  }

  connect(target: SshTarget, options: WaitForSshOptions): Promise<SshSession> {
    return this.waitFor(target, options);
  }

  reboot(_session: SshSession, target: SshTarget, options: WaitForSshOptions): Promise<SshSession> {
    this.reboots += 1;
    return this.waitFor(target, options);
  }

  changeExpiredPassword(target: SshTarget, { newPassword }: ChangePasswordOptions): Promise<void> {
    if (this.changeFailure) return Promise.reject(this.changeFailure);
    this.changed.push({ username: target.username, password: newPassword.reveal() });
    return Promise.resolve();
  }

  #session(target: SshTarget): SshSession {
    const unused = (): never => {
      throw new Error('not used by these tests');
    };
    return {
      username: target.username,
      place: `${target.username}@${target.host}`,
      hostKey: '',
      closed: new Promise(() => undefined),
      exec: (command, options = {}) => {
        const line = `${options.sudo === true ? 'sudo ' : ''}${typeof command === 'string' ? command : command.join(' ')}`;
        if (line === READ_MODULE_ID) return Promise.resolve({ ...ENDED, stdout: this.module });
        this.commands.push(line);
        const result = { ...ENDED, ...this.answer(line) };
        if (result.exitCode !== 0 && options.allowFailure !== true)
          return Promise.reject(new RuntimeError('COMMAND_FAILED', `${line} ended with ${result.exitCode}`));
        return Promise.resolve(result);
      },
      writeFile: (path, content, options = {}) => {
        this.files.set(path, { content: Buffer.from(content as string).toString(), mode: options.mode });
        return Promise.resolve();
      },
      upload: (local, path, options = {}) => {
        this.files.set(path, { content: local, mode: options.mode });
        return Promise.resolve();
      },
      readFile: (path) => Promise.resolve(Buffer.from(this.files.get(path)?.content ?? '')),
      openTerminal: unused,
      copyDirectory: unused,
      download: unused,
      [Symbol.asyncDispose]: () => {
        this.closed += 1;
        return Promise.resolve();
      },
    };
  }
}
