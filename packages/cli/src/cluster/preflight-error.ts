import { TuringPiError } from '@turingpi/foundation';
import type { PreflightFinding } from '@turingpi/provisioning';
import type { ErrorIssue } from '../render/error.js';

/** What was found on a board, which has a name where there are several. */
export interface FoundOnBoard extends PreflightFinding {
  readonly board: string | undefined;
}

/** Several things that are in the way of a run, in one list: `details.issues`. */
export class PreflightError extends TuringPiError<'PREFLIGHT_FAILED'> {
  /** @param first - decides about the exit code */
  constructor(first: FoundOnBoard, others: readonly FoundOnBoard[]) {
    const issues = preflightIssues([first, ...others]);
    super('PREFLIGHT_FAILED', `${issues.length} things are in the way, and nothing was begun`, {
      category: first.error.category,
      hint: 'Each line says what to do. Then run the same command again.',
      details: { issues },
    });
  }
}

/** Findings as a list of what is wrong, where, and what to do. */
export function preflightIssues(found: readonly FoundOnBoard[]): readonly ErrorIssue[] {
  return found.flatMap(issuesOf);
}

function issuesOf({ board, about, error }: FoundOnBoard): readonly ErrorIssue[] {
  const key = board === undefined ? about : `${board}: ${about}`;
  const { code, message, hint } = error;
  const { issues } = error.details;
  // What is wrong in the configuration knows its place there.
  if (error.code.startsWith('CONFIG_') && Array.isArray(issues)) return issues as ErrorIssue[];
  return [{ key, message, code, hint }];
}
