import { stripVTControlCharacters } from 'node:util';
import { Secret } from '@turingpi/foundation';
import { Deadline } from '../command/deadline.js';
import { lastLines } from '../command/command-failure.js';
import { RuntimeError } from '../runtime-error.js';
import type { TextChannel } from './text-channel.js';

/** One thing a channel may say, and what to do about it. */
export interface DialogueRule {
  /** For results and messages, for example `new-password`. */
  readonly name: string;
  /** Matched against what was said since the last rule, ANSI sequences removed. */
  readonly when: RegExp;
  /** The line to answer with. Nothing is sent without it. */
  readonly reply?: string | Secret;
  /** Ends the dialogue. */
  readonly end?: true;
  /** How often this rule may apply; one time more is `DIALOGUE_STUCK`. Default 3. */
  readonly limit?: number;
}

export interface DialogueOptions {
  readonly signal?: AbortSignal;
  /** For the whole dialogue; milliseconds, default 60 seconds. */
  readonly timeoutMs?: number;
  /** Where the dialogue takes place, for messages. */
  readonly place: string;
}

export interface DialogueResult {
  /** The rule that ended it. */
  readonly ended: string;
  /** The names of all rules that applied, in order. */
  readonly applied: readonly string[];
  /** Everything said, ANSI sequences and secrets removed. */
  readonly transcript: string;
}

const MAX_UNREAD = 64 * 1024;

/**
 * Holds a dialogue of prompts and answers until a rule ends it.
 *
 * @remarks At every point the rule whose match comes first in the text applies, so the order of rules only matters
 * where two match at the same place. Text is matched across the boundaries in which it arrives.
 * @throws RuntimeError `DIALOGUE_TIMEOUT`, `DIALOGUE_ENDED` (the channel ended first), `DIALOGUE_STUCK` (a rule
 * applied too often), each showing the last lines; the signal's reason when it fires.
 */
export async function runDialogue(
  channel: TextChannel,
  rules: readonly DialogueRule[],
  options: DialogueOptions,
): Promise<DialogueResult> {
  const timeoutMs = options.timeoutMs ?? 60_000;
  using deadline = new Deadline(timeoutMs, options.signal);
  const dialogue = new Dialogue(rules, options.place);
  const iterator = channel.output[Symbol.asyncIterator]();
  const aborted = new Promise<never>((_, reject) => {
    deadline.signal.addEventListener('abort', () => reject(deadline.signal.reason as Error), { once: true });
  });
  aborted.catch(() => undefined);
  try {
    for (;;) {
      const next = await Promise.race([iterator.next(), aborted]);
      if (next.done === true) throw dialogue.failure('DIALOGUE_ENDED', 'ended before it was finished');
      dialogue.hear(next.value);
      for (let rule = dialogue.next(); rule !== undefined; rule = dialogue.next()) {
        if (rule.reply !== undefined)
          await channel.sendLine(rule.reply instanceof Secret ? rule.reply.reveal() : rule.reply);
        if (rule.end === true) return dialogue.result(rule.name);
      }
    }
  } catch (error) {
    if (!deadline.expired) throw error;
    throw dialogue.failure('DIALOGUE_TIMEOUT', `was not finished within ${timeoutMs} ms`);
  }
}

class Dialogue {
  readonly #applied: string[] = [];
  #unread = '';
  #transcript = '';

  constructor(
    readonly rules: readonly DialogueRule[],
    readonly place: string,
  ) {}

  hear(text: string): void {
    const plain = stripVTControlCharacters(text);
    this.#unread = (this.#unread + plain).slice(-MAX_UNREAD);
    this.#transcript = (this.#transcript + plain).slice(-MAX_UNREAD);
  }

  next(): DialogueRule | undefined {
    let first: { readonly rule: DialogueRule; readonly at: number; readonly end: number } | undefined;
    for (const rule of this.rules) {
      const match = rule.when.exec(this.#unread);
      if (match !== null && (first === undefined || match.index < first.at))
        first = { rule, at: match.index, end: match.index + match[0].length };
    }
    if (first === undefined) return undefined;
    this.#unread = this.#unread.slice(first.end);
    this.#applied.push(first.rule.name);
    const times = this.#applied.filter((name) => name === first.rule.name).length;
    if (times > (first.rule.limit ?? 3))
      throw this.failure('DIALOGUE_STUCK', `asked for "${first.rule.name}" ${times} times`);
    return first.rule;
  }

  result(ended: string): DialogueResult {
    return { ended, applied: [...this.#applied], transcript: this.#redacted() };
  }

  failure(code: 'DIALOGUE_TIMEOUT' | 'DIALOGUE_ENDED' | 'DIALOGUE_STUCK', what: string): RuntimeError {
    const said = lastLines(this.#redacted());
    return new RuntimeError(
      code,
      `The dialogue with ${this.place} ${what}.${said === '' ? '' : ` It said:\n${said}`}`,
      {
        details: { place: this.place, applied: this.#applied },
      },
    );
  }

  #redacted(): string {
    let text = this.#transcript;
    for (const { reply } of this.rules)
      if (reply instanceof Secret && reply.reveal() !== '')
        text = text.replaceAll(reply.reveal(), String(reply));
    return text;
  }
}
