import type { Secret } from '@turingpi/foundation';

/** What every question has. */
export interface Question {
  readonly message: string;
  /** The option that answers it, for those who cannot be asked. */
  readonly flag: string;
}

/** One of several answers. */
export interface Choice<T extends string> {
  readonly value: T;
  readonly label: string;
  readonly hint?: string;
}

/** Whoever answers: a person at a terminal, or nobody, and then the defaults are taken. */
export interface Questions {
  /** @param question - `check` says what is wrong with an answer, or undefined */
  text(
    question: Question & {
      readonly initial?: string | undefined;
      readonly check?: (answer: string) => string | undefined;
    },
  ): Promise<string>;
  choose<T extends string>(
    question: Question & { readonly choices: readonly Choice<T>[]; readonly initial?: T | undefined },
  ): Promise<T>;
  /** A yes or no that may be left to a default. */
  confirm(question: Question & { readonly initial: boolean }): Promise<boolean>;
  /** A secret that is there already; nothing of it is shown. */
  secret(question: Question): Promise<Secret>;
  /** Whether there is a person. */
  readonly canAsk: boolean;
}
