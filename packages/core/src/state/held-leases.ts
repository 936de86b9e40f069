import { randomUUID } from 'node:crypto';
import type { PhaseOwner } from './state-document.js';

interface HeldLeases {
  /** What the instances of this thread begin with. */
  readonly mark: string;
  readonly held: Set<string>;
}

/** One for all copies of this program in a thread. A thread knows nothing of another: it has a mark of its own. */
const KEY = Symbol.for('@turingpi/core held leases');
const registry = globalThis as unknown as Record<symbol, HeldLeases | undefined>;

function heldLeases(): HeldLeases {
  return (registry[KEY] ??= { mark: randomUUID(), held: new Set() });
}

/** A new name for an opened store, by which any store of this thread knows it. */
export function newInstance(): string {
  return `${heldLeases().mark}.${randomUUID()}`;
}

export function countAsHeld(instance: string, resource: string, fence: number): void {
  heldLeases().held.add(keyOf(instance, resource, fence));
}

export function countAsEnded(instance: string, resource: string, fence: number): void {
  heldLeases().held.delete(keyOf(instance, resource, fence));
}

/** Whether an owner is a store of this thread that has ended the lease: its process lives, and nobody is there. */
export function hasEnded({ instance }: PhaseOwner, resource: string, fence: number | undefined): boolean {
  const { mark, held } = heldLeases();
  return instance?.startsWith(`${mark}.`) === true && !held.has(keyOf(instance, resource, fence));
}

function keyOf(instance: string, resource: string, fence: number | undefined): string {
  return JSON.stringify([instance, resource, fence]);
}
