import { randomBytes } from 'node:crypto';
import type { Secret } from '@turingpi/core/plugin';
import { quoteArgument } from '../command/quote-command.js';
import { RuntimeError } from '../runtime-error.js';

/** What the conversation needs of a running command. */
export interface SudoInput {
  write(text: string): void;
  end(input?: string | Uint8Array): void;
}

/**
 * Runs a command line as root through sudo, giving the password only when sudo really asks.
 *
 * @remarks
 * sudo and the command share standard input: a password sent to a sudo that does not ask (NOPASSWD, a ticket still
 * valid) would be read by the command. So sudo is given an unguessable prompt, the command announces its start on
 * stderr, and input is sent only after one of the two was seen. Both markers are taken out of stderr again.
 */
export class SudoConversation {
  readonly #id = randomBytes(12).toString('hex');
  readonly #prompt = `[prompt-${this.#id}]`;
  readonly #start = `[start-${this.#id}]`;
  #pending = '';
  #asked = 0;
  #started = false;
  #refusal: RuntimeError | undefined;

  constructor(
    readonly place: string,
    readonly password: Secret | undefined,
  ) {}

  /** The command line to run instead of `line`. */
  wrap(line: string): string {
    const announced = `echo ${quoteArgument(this.#start)} >&2; ${line}`;
    return `sudo -S -p ${quoteArgument(this.#prompt)} -- sh -c ${quoteArgument(announced)}`;
  }

  /** Whether sudo let the command start. */
  get started(): boolean {
    return this.#started;
  }

  /** Takes a piece of stderr, answers sudo, and returns what of it is the command's own. */
  receive(chunk: Buffer, stdin: SudoInput, input: string | Uint8Array | undefined): Buffer {
    if (this.#started) return chunk;
    this.#pending += chunk.toString('latin1');
    const line = `${this.#start}\n`;
    const startAt = this.#pending.indexOf(line);
    if (startAt >= 0) {
      this.#started = true;
      const rest = this.#pending.slice(startAt + line.length);
      this.#pending = '';
      stdin.end(input);
      return Buffer.from(rest, 'latin1');
    }
    while (this.#pending.includes(this.#prompt)) {
      this.#pending = this.#pending.replace(this.#prompt, '');
      this.#answer(stdin);
    }
    return Buffer.alloc(0);
  }

  /** The error of a sudo that ended without starting the command; `said` is the rest of its stderr. */
  refused(): RuntimeError {
    return this.#refusal ?? this.#error(Buffer.from(this.#pending, 'latin1').toString('utf8').trim());
  }

  #answer(stdin: SudoInput): void {
    this.#asked += 1;
    if (this.password === undefined || this.#asked > 1) {
      this.#refusal ??= this.#error(
        this.password === undefined
          ? 'it asks for a password and none is configured'
          : 'the password is wrong',
      );
      stdin.end();
      return;
    }
    stdin.write(`${this.password.reveal()}\n`);
  }

  #error(why: string): RuntimeError {
    return new RuntimeError('SSH_SUDO_REFUSED', `sudo at ${this.place} did not run the command: ${why}`, {
      details: { place: this.place },
    });
  }
}
