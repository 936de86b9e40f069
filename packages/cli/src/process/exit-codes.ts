import { TuringPiError } from '@turingpi/foundation';
import { Interruption } from './interruption.js';

/** Exit codes by what went wrong; 1 is everything else. */
export const EXIT = {
  ok: 0,
  failed: 1,
  usage: 2,
  configuration: 3,
  unreachable: 4,
  phase: 5,
  changesRemain: 6,
  interrupted: 130,
} as const;

const BY_PREFIX: readonly (readonly [RegExp, number])[] = [
  [/^(CONFIG|PLUGIN|CACHE)_/, EXIT.configuration],
  [
    /^BMC_(UNREACHABLE|AUTH_REFUSED|BANNED|PASSWORD_MISSING|FACTORY_PASSWORD|UNTRUSTED|CERTIFICATE_CHANGED)$/,
    EXIT.unreachable,
  ],
  [/^SSH_(UNREACHABLE|TIMEOUT)$/, EXIT.unreachable],
  [/^NODE_NOT_REACHABLE$/, EXIT.unreachable],
  [/^(ERASE_NOT_APPROVED|NEEDS_REINSTALL)$/, EXIT.changesRemain],
  [/^(REINSTALL_STOPPED|NODE_OTHER_SYSTEM|MODULE_CHANGED|BOARD_CHANGED|STATE_OTHER_BOARD)$/, EXIT.phase],
  [/^PHASE_/, EXIT.phase],
];

/** The exit code for an error; whatever an interruption ended in, as `COMMAND_STILL_RUNNING`, it is an interruption. */
export function exitCodeOf(error: unknown): number {
  if (isInterruption(error)) return EXIT.interrupted;
  if (error instanceof Error && error.name === 'AbortError') return EXIT.interrupted;
  if (!TuringPiError.is(error)) return EXIT.failed;
  if (error.code === 'USAGE') return EXIT.usage;
  return BY_PREFIX.find(([pattern]) => pattern.test(error.code))?.[1] ?? EXIT.failed;
}

function isInterruption(error: unknown): boolean {
  if (error instanceof Interruption) return true;
  return error instanceof Error && isInterruption(error.cause);
}
