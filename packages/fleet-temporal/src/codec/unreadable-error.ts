import { FleetEngineError } from '../fleet-engine-error.js';
import { UNREADABLE } from './unreadable.js';

/** @param how - ends the sentence that begins with what Temporal hands over */
export function unreadable(how: string): FleetEngineError {
  return new FleetEngineError(UNREADABLE, `what Temporal hands over ${how}`, {
    hint: 'Controller and agents need the same `key`; after a change of it, the one before stays in the list for as long as workflows run.',
  });
}
