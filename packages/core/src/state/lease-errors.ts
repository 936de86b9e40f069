import { StateError } from '../errors/state-error.js';
import type { LeaseHolder } from './lease.js';

/** Somebody else has what was asked for; `details.holder` says who. */
export function leaseHeld(resource: string, { name }: LeaseHolder): StateError {
  return new StateError('STATE_LEASE_HELD', `${resource} is held by ${name}`, {
    hint: 'Wait for it to end, or stop it, and run again. A holder that is gone is found out within a minute.',
    details: { resource, holder: name },
  });
}

/** What was held is somebody else's now, or their work has changed it. */
export function leaseLost(resource: string, { name }: LeaseHolder): StateError {
  return new StateError('STATE_LEASE_LOST', `${resource} was taken over by ${name}`, {
    hint: 'This process gave no sign of life for too long, as when its machine was suspended. Look at the other run.',
    details: { resource, holder: name },
  });
}

/** Stands for a holder that nothing is known of. */
export const SOMEBODY: LeaseHolder = { name: 'somebody else' };

/** Stands for whoever has changed a record since it was looked at. */
export const MEANWHILE: LeaseHolder = { name: 'somebody who has run it meanwhile' };
