import { PhaseError } from '../errors/phase-error.js';
import type { RepeatedAction } from './action-facts.js';

/** An action is left undone, for it may do harm the second time. */
export function wouldRepeat({ node, action, note }: RepeatedAction): PhaseError {
  const what = note === undefined ? action : `${action} ${note}`;
  return new PhaseError(
    'ACTION_WOULD_REPEAT',
    `${what} was done on ${node} already, and an action before it has changed`,
    {
      hint:
        'Say that it may be repeated, with `up --rerun` or `rerun` of the run; or for good, with `creates`, `unless`, ' +
        "`onRepeat: 'run'` or `once` of the action.",
      details: { action },
    },
  );
}
