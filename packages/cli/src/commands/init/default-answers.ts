import type { Secret } from '@turingpi/foundation';
import { UsageError } from '../../process/usage-error.js';
import type { Choice, Question, Questions } from './questions.js';

/** Takes what would be offered, and asks nobody; a question without a default names the option that answers it. */
export class DefaultAnswers implements Questions {
  readonly canAsk = false;

  async text({
    initial,
    check,
    ...question
  }: Question & {
    readonly initial?: string | undefined;
    readonly check?: (answer: string) => string | undefined;
  }): Promise<string> {
    const answer = initial ?? missing(question);
    const problem = check?.(answer);
    if (problem !== undefined)
      throw new UsageError(`${question.message}: "${answer}" ${problem}`, give(question));
    return Promise.resolve(answer);
  }

  async choose<T extends string>({
    initial,
    choices: _,
    ...question
  }: Question & { readonly choices: readonly Choice<T>[]; readonly initial?: T | undefined }): Promise<T> {
    return Promise.resolve(initial ?? missing(question));
  }

  async confirm({ initial }: Question & { readonly initial: boolean }): Promise<boolean> {
    return Promise.resolve(initial);
  }

  async secret(question: Question): Promise<Secret> {
    return Promise.reject(unanswered(question));
  }
}

function missing(question: Question): never {
  throw unanswered(question);
}

function unanswered(question: Question): UsageError {
  return new UsageError(`${question.message}: nobody can be asked, and there is no default`, give(question));
}

function give({ flag }: Question): string {
  return `Give ${flag}.`;
}
