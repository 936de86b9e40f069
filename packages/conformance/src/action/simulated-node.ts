import {
  type CommandResult,
  type LocalRuntime,
  RuntimeError,
  type SshRuntime,
  type SshSession,
} from '@turingpi/runtime';

type Answer = (command: string) => Partial<CommandResult> | undefined;

/** What is the matter with it: everything that is asked of it is refused, or takes until it is stopped. */
type Mood = 'willing' | 'refusing' | 'slow';

/** A node, and the computer beside it, without either: keeps what is asked of them. */
export class SimulatedNode {
  /** What was asked, for people: `connect`, `exec apk add htop`, `write /etc/motd`. */
  readonly asked: string[] = [];
  mood: Mood = 'willing';
  /** Called when something is asked. */
  onAsked: () => void = () => undefined;
  readonly #written = new Map<string, Buffer>();

  /**
   * @param said - is in whatever it prints, and in every file that was not written
   * @param answer - what it answers to commands
   */
  constructor(
    private readonly said: string,
    private readonly answer: Answer = () => undefined,
  ) {}

  readonly local: LocalRuntime = {
    run: async (command, { signal } = {}) => {
      await this.#ask(`run ${command.join(' ')}`, signal);
      return this.#result(command.join(' '));
    },
  };

  readonly ssh: SshRuntime = {
    connect: () => this.#connect(),
    waitFor: () => this.#connect(),
    reboot: async (_session, _target, { signal }) => {
      await this.#ask('reboot', signal);
      return this.#session();
    },
    askHostKey: () => Promise.resolve({ answer: 'expected' }),
    changeExpiredPassword: () => this.#ask('change password', undefined),
  };

  #connect(): Promise<SshSession> {
    this.asked.push('connect');
    return Promise.resolve(this.#session());
  }

  /** One thing that is asked of it: done, refused, or under way until the signal fires. */
  async #ask(what: string, signal: AbortSignal | undefined): Promise<void> {
    this.asked.push(what);
    this.onAsked();
    if (this.mood === 'refusing') throw new RuntimeError('COMMAND_FAILED', `${what} is refused`);
    if (this.mood === 'slow')
      await new Promise((_resolve, reject) => {
        const stop = (): void => reject(signal?.reason as Error);
        if (signal?.aborted === true) stop();
        else signal?.addEventListener('abort', stop, { once: true });
      });
  }

  #result(command: string) {
    const ended = { exitCode: 0, stdout: this.said, stderr: this.said, signal: undefined, truncated: false };
    return { ...ended, ...this.answer(command) };
  }

  #session(): SshSession {
    const write = async (path: string, content: string | Uint8Array, signal: AbortSignal | undefined) => {
      await this.#ask(`write ${path}`, signal);
      this.#written.set(path, Buffer.from(content));
    };
    return {
      username: 'user',
      place: 'user@node',
      hostKey: '',
      closed: new Promise(() => undefined),
      exec: async (given, { signal, allowFailure = false } = {}) => {
        const command = typeof given === 'string' ? given : given.join(' ');
        await this.#ask(`exec ${command}`, signal);
        const result = this.#result(command);
        if (result.exitCode !== 0 && !allowFailure)
          throw new RuntimeError('COMMAND_FAILED', `${command} ended with ${result.exitCode}`);
        return result;
      },
      writeFile: (path, content, { signal } = {}) => write(path, content, signal),
      upload: (local, path, { signal } = {}) => write(path, local, signal),
      copyDirectory: (local, path, { signal } = {}) => write(path, local, signal),
      readFile: async (path, { signal } = {}) => {
        await this.#ask(`read ${path}`, signal);
        return this.#written.get(path) ?? Buffer.from(`${this.said}\n`);
      },
      download: (path, _local, { signal } = {}) => this.#ask(`download ${path}`, signal),
      openTerminal: () =>
        Promise.reject(new RuntimeError('SSH_CHANNEL_REFUSED', 'there is no terminal here')),
      [Symbol.asyncDispose]: () => Promise.resolve(),
    };
  }
}
