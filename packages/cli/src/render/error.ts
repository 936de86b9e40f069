import { inspect } from 'node:util';
import { TuringPiError } from '@turingpi/core';
import { printableLines } from './printable.js';

/** An error as people read it: one line with the code, then what to do. */
export function renderError(error: unknown, options: { readonly verbose: boolean }): string {
  const lines = [`error ${codeOf(error)}: ${messageOf(error)}`];
  if (TuringPiError.is(error)) lines.push(`  ${error.hint}`);
  if (options.verbose) lines.push(inspect(error));
  return `${printableLines(lines.join('\n'))}\n`;
}

/** An error as programs read it. */
export interface ErrorRecord {
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
}

/** Reduces any error to its record. */
export function errorRecord(error: unknown): ErrorRecord {
  return {
    code: codeOf(error),
    message: messageOf(error),
    ...(TuringPiError.is(error) ? { hint: error.hint } : {}),
  };
}

function codeOf(error: unknown): string {
  if (TuringPiError.is(error)) return error.code;
  return error instanceof Error && error.name === 'AbortError' ? 'ABORTED' : 'INTERNAL';
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
