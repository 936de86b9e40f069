import type { Secret } from '@turingpi/foundation';
import { lastLines } from '../command/command-failure.js';
import { RuntimeError, type RuntimeErrorCode } from '../runtime-error.js';
import type { CommandEnvelope } from './command-envelope.js';
import { StartFilter } from './marked-output.js';

/** What the conversation needs of a running command. */
export interface SudoInput {
  write(text: string): void;
  end(): void;
}

const SUDO_NOT_FOUND = 127;

/**
 * Answers sudo, giving the password only when it really asks.
 *
 * @remarks
 * sudo and the command share standard input: a password sent to a sudo that does not ask (NOPASSWD, a ticket still
 * valid) would be read by the command. So sudo is given an unguessable prompt, the command announces its start on
 * stderr, and input is sent only after one of the two was seen. Both markers are taken out of stderr again.
 */
export class SudoConversation {
  readonly #filter: StartFilter;
  readonly #prompt: string;
  #asked = 0;
  #refusal: RuntimeError | undefined;

  constructor(
    envelope: CommandEnvelope,
    readonly place: string,
    readonly password: Secret | undefined,
  ) {
    this.#filter = new StartFilter(envelope.rootStart);
    this.#prompt = envelope.prompt;
  }

  /** Whether sudo let the command start. */
  get started(): boolean {
    return this.#filter.found;
  }

  /** What the system says of root's shell (proc_pid_stat(5)), when it says it. */
  get process(): string | undefined {
    return this.#filter.line;
  }

  /** Takes a piece of stderr, answers sudo, and returns what of it is the command's own. */
  receive(chunk: Buffer, stdin: SudoInput): Buffer {
    const own = this.#filter.push(chunk);
    const prompts = this.#filter.before.split(this.#prompt).length - 1;
    while (!this.started && this.#asked < prompts) this.#answer(stdin);
    return own;
  }

  /** The error of a sudo that ended without starting the command. */
  refused(exitCode: number): RuntimeError {
    if (this.#refusal !== undefined) return this.#refusal;
    const said = lastLines(this.#filter.before.replaceAll(this.#prompt, '').trim());
    if (exitCode === SUDO_NOT_FOUND)
      return this.#error('SSH_SUDO_MISSING', said || 'there is no such program');
    if (/must have a tty|terminal is required to run/i.test(said))
      return this.#error('SSH_SUDO_NEEDS_TTY', said);
    return this.#error('SSH_SUDO_REFUSED', said);
  }

  #answer(stdin: SudoInput): void {
    this.#asked += 1;
    if (this.password === undefined || this.#asked > 1) {
      this.#refusal ??= this.#error(
        'SSH_SUDO_REFUSED',
        this.password === undefined
          ? 'it asks for a password and none is configured'
          : 'the password is wrong',
      );
      stdin.end();
      return;
    }
    stdin.write(`${this.password.reveal()}\n`);
  }

  #error(code: RuntimeErrorCode, why: string): RuntimeError {
    return new RuntimeError(code, `sudo at ${this.place} did not run the command: ${why}`, {
      details: { place: this.place },
    });
  }
}
