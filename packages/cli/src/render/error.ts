import { inspect } from 'node:util';
import { TuringPiError } from '@turingpi/foundation';
import { printableLines } from './printable.js';

/** An error as people read it: one line with the code, then what to do. */
export function renderError(error: unknown, options: { readonly verbose: boolean }): string {
  const lines = [`error ${codeOf(error)}: ${messageOf(error)}`];
  if (TuringPiError.is(error)) {
    const inMessage = error.code === 'PREFLIGHT_FAILED' ? 0 : 1;
    lines.push(
      ...issuesOf(error)
        .slice(inMessage)
        .flatMap(inMessage === 0 ? renderFinding : renderIssue),
    );
    lines.push(`  ${error.hint}`);
  }
  if (options.verbose) lines.push(inspect(error));
  return `${printableLines(lines.join('\n'))}\n`;
}

/** An error as programs read it. */
export interface ErrorRecord {
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
  /** Everything that is wrong in a configuration, or in the way of a run. */
  readonly issues?: readonly ErrorIssue[];
}

/** One thing that is wrong in a configuration, and where. */
export interface ErrorIssue {
  readonly key: string;
  readonly message: string;
  readonly code?: string;
  readonly hint?: string;
  readonly line?: number;
  readonly column?: number;
}

/** Reduces any error to its record. */
export function errorRecord(error: unknown): ErrorRecord {
  return {
    code: codeOf(error),
    message: messageOf(error),
    ...(TuringPiError.is(error) ? { hint: error.hint } : {}),
    ...(TuringPiError.is(error) && issuesOf(error).length > 0 ? { issues: issuesOf(error) } : {}),
  };
}

/** Errors with a list: of a configuration, whose first one is in the message, and of what is in the way of a run. */
function issuesOf(error: TuringPiError): readonly ErrorIssue[] {
  const { issues } = error.details;
  const hasList = error.code.startsWith('CONFIG_') || error.code === 'PREFLIGHT_FAILED';
  return hasList && Array.isArray(issues) ? (issues as ErrorIssue[]) : [];
}

function renderIssue({ key, message, line, column, code }: ErrorIssue): string {
  const place = line === undefined ? '' : `${line}:${column ?? 1}: `;
  return `  ${place}${key === '' ? '' : `\`${key}\` `}${message}${code === undefined ? '' : ` (${code})`}`;
}

/** What is wrong, and what to do about it. */
export function renderFinding(issue: ErrorIssue): readonly string[] {
  return [renderIssue(issue), ...(issue.hint === undefined ? [] : [`    ${issue.hint}`])];
}

function codeOf(error: unknown): string {
  if (TuringPiError.is(error)) return error.code;
  return error instanceof Error && error.name === 'AbortError' ? 'ABORTED' : 'INTERNAL';
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
