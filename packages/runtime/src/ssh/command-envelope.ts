import { randomBytes } from 'node:crypto';
import { quoteArgument } from '../command/quote-command.js';

const READ_ONE_LINE = 'IFS= read -r s && eval "$s"';

/**
 * What the login shell is given for every command: a line that fish, tcsh, dash, zsh and bash read alike.
 *
 * @remarks Login shells differ in quoting (fish reads `\\` inside single quotes, csh `!` and line ends), so none of
 * them is given anything of the user's. It starts `sh`, which reads one line of standard input and runs it; the rest
 * of standard input is left for the command, since `read` takes single bytes from what cannot be rewound.
 */
export const LOGIN_SHELL_LINE = `exec sh -c '${READ_ONE_LINE}'`;

// Says on both streams that sh runs; on stderr with what Linux says of this process, for whoever must end it later.
const ANNOUNCE = `{ IFS= read -r t </proc/$$/stat; } 2>/dev/null`;

/**
 * One command as it is sent to a node: wrapped so that its output can be told from that of shells and of sudo.
 *
 * @remarks Markers carry an unguessable number. What comes before the first one was printed by the login shell's start
 * files; what comes after the last one by whoever still holds the streams (a background process), or by nobody.
 */
export class CommandEnvelope {
  readonly #id = randomBytes(12).toString('hex');
  /** Begins the line after which output is the command's (without sudo), or sudo's. */
  readonly start = `[start-${this.#id}`;
  /** Begins the line on stderr after which root's command runs. */
  readonly rootStart = `[root-${this.#id}`;
  /** What sudo asks with. */
  readonly prompt = `[prompt-${this.#id}]`;
  /** Follows the last byte of the command's output on each stream. */
  readonly end = `[end-${this.#id}]`;

  /** @param asRoot - Whether to go through sudo. */
  constructor(
    readonly command: string,
    readonly asRoot: boolean,
  ) {}

  /** The line for the `sh` of {@link LOGIN_SHELL_LINE}, with its line end. */
  get script(): string {
    const announced = `${ANNOUNCE}; printf '%s]\\n' '${this.start}'; printf '%s %s]\\n' '${this.start}' "$t" >&2`;
    return `${announced}; ${oneLine(this.asRoot ? this.#throughSudo() : this.#body())}\n`;
  }

  /** What root's `sh` is sent once it has started: nothing of the command is in the arguments of sudo, where all could read it. */
  get rootScript(): string {
    return `${oneLine(this.#body())}\n`;
  }

  #body(): string {
    const ended = quoteArgument(`printf %s '${this.end}'; printf %s '${this.end}' >&2`);
    return `trap ${ended} EXIT; eval ${quoteArgument(this.command)}`;
  }

  #throughSudo(): string {
    const announced = `${ANNOUNCE}; printf '%s %s]\\n' '${this.rootStart}' "$t" >&2`;
    return `exec sudo -S -p '${this.prompt}' -- sh -c ${quoteArgument(`${announced}; ${READ_ONE_LINE}`)}`;
  }
}

/** Shell text on one line: one with line ends in it is put together by the shell. */
export function oneLine(script: string): string {
  if (!/[\n\r]/.test(script)) return script;
  const escaped = script.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('\r', '\\r');
  return `eval "$(printf %b ${quoteArgument(escaped)})"`;
}
