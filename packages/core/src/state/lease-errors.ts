import { StateError } from '../errors/state-error.js';
import type { LeaseHolder } from './lease.js';

/** Somebody else has what was asked for; `details.holder` says who. */
export function leaseHeld(resource: string, holder: LeaseHolder): StateError {
  const { name, since, command } = holder;
  return new StateError('STATE_LEASE_HELD', `${resource} is held by ${describeHolder(holder)}`, {
    hint: 'Wait for it to end, or stop it, and run again. A holder that is gone is found out within a minute.',
    details: {
      ...{ resource, holder: name },
      ...(since === undefined ? {} : { since }),
      ...(command === undefined ? {} : { command }),
    },
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

/** A holder for people: `process 4711 on lab (turingpi up, since 2026-01-02T03:04:05.678Z)`. */
export function describeHolder({ name, since, command }: LeaseHolder): string {
  const facts = [
    ...(command === undefined ? [] : [command === 'program' ? 'a program' : `turingpi ${command}`]),
    ...(since === undefined ? [] : [`since ${since}`]),
  ];
  return facts.length === 0 ? name : `${name} (${facts.join(', ')})`;
}
