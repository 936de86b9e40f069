import type { Readable, Writable } from 'node:stream';
import type * as Clack from '@clack/prompts';
import { Secret } from '@turingpi/foundation';
import { Interruption } from '../../process/interruption.js';
import type { Choice, Question, Questions } from './questions.js';

type Prompts = typeof Clack;

/** Asks a person at a terminal. Ctrl-C ends the command. */
export class TerminalQuestions implements Questions {
  readonly canAsk = true;

  private constructor(
    private readonly prompts: Prompts,
    private readonly streams: { readonly input: Readable; readonly output: Writable },
  ) {}

  /** The library is loaded only when somebody is to be asked. */
  static async open(streams: {
    readonly input: Readable;
    readonly output: Writable;
  }): Promise<TerminalQuestions> {
    return new TerminalQuestions(await import('@clack/prompts'), streams);
  }

  async text({
    message,
    initial,
    check,
  }: Question & {
    readonly initial?: string | undefined;
    readonly check?: (answer: string) => string | undefined;
  }): Promise<string> {
    const answer = await this.prompts.text({
      message,
      ...this.streams,
      ...(initial === undefined ? {} : { initialValue: initial }),
      validate: (value) => ((value ?? '') === '' ? 'an answer is needed' : check?.(value ?? '')),
    });
    return this.#answered(answer);
  }

  async choose<T extends string>({
    message,
    choices,
    initial,
  }: Question & { readonly choices: readonly Choice<T>[]; readonly initial?: T | undefined }): Promise<T> {
    const options = choices.map(({ value, label, hint }) => ({
      value,
      label,
      ...(hint === undefined ? {} : { hint }),
    }));
    const answer = await this.prompts.select<string>({
      message,
      options,
      ...this.streams,
      ...(initial === undefined ? {} : { initialValue: initial }),
    });
    return this.#answered(answer) as T;
  }

  async confirm({ message, initial }: Question & { readonly initial: boolean }): Promise<boolean> {
    return this.#answered(await this.prompts.confirm({ message, initialValue: initial, ...this.streams }));
  }

  async secret({ message }: Question): Promise<Secret> {
    const answer = await this.prompts.password({
      message,
      ...this.streams,
      validate: (value) => ((value ?? '') === '' ? 'an answer is needed' : undefined),
    });
    return new Secret(this.#answered(answer));
  }

  #answered<T>(answer: T): Exclude<T, symbol> {
    if (typeof answer === 'symbol') throw new Interruption('SIGINT');
    return answer as Exclude<T, symbol>;
  }
}
