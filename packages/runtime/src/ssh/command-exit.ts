import { constants } from 'node:os';

/** How a command ended: a signal's exit code is 128 and more. */
export interface CommandExit {
  readonly exitCode: number;
  readonly signal: string | undefined;
}

/** Linux's numbers of the signals that end a program which does not mind them. */
const DEADLY: Readonly<Record<number, string>> = {
  1: 'SIGHUP',
  2: 'SIGINT',
  3: 'SIGQUIT',
  4: 'SIGILL',
  5: 'SIGTRAP',
  6: 'SIGABRT',
  7: 'SIGBUS',
  8: 'SIGFPE',
  9: 'SIGKILL',
  10: 'SIGUSR1',
  11: 'SIGSEGV',
  12: 'SIGUSR2',
  13: 'SIGPIPE',
  14: 'SIGALRM',
  15: 'SIGTERM',
  24: 'SIGXCPU',
  25: 'SIGXFSZ',
  31: 'SIGSYS',
};

/** What an SSH server says of the end of a channel (RFC 4254 section 6.10). */
export function exitOfChannel(code: number | null | undefined, name: string | undefined): CommandExit {
  if (name === undefined) return { exitCode: code ?? 128, signal: undefined };
  const signal = name.startsWith('SIG') ? name : `SIG${name}`;
  const numbers: Readonly<Record<string, number>> = constants.signals;
  return { exitCode: 128 + (numbers[signal] ?? 0), signal };
}

/**
 * What a shell says of the end of a command: its `$?`.
 *
 * @remarks A shell tells of a signal by an exit code of more than 128; a program that ends with such a code of its own
 * accord says by it that a signal ended what it ran.
 */
export function exitOfStatus(status: number): CommandExit {
  return { exitCode: status, signal: DEADLY[status - 128] };
}
