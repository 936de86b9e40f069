import { TuringPiError } from '@turingpi/foundation';

const BLOCKED: readonly string[] = [
  'ERASE_NOT_APPROVED',
  'ERASE_OUTDATED',
  'NEEDS_REINSTALL',
  'REINSTALL_STOPPED',
  'STATE_OTHER_BOARD',
  'BOARD_NAMED_TWICE',
  'BOARD_CHANGED',
  'MODULE_CHANGED',
  'NODE_OTHER_SYSTEM',
  'NODE_NOT_REACHABLE',
  'PLAN_OUTDATED',
  'ACTION_WOULD_REPEAT',
];

/** Whether an error says that a node was left alone on purpose: nothing was run, and its records are as they were. */
export function isBlocked(error: unknown): error is TuringPiError {
  return TuringPiError.is(error) && BLOCKED.includes(error.code);
}
