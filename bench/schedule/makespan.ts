import type { TuringPiEvent } from '@turingpi/core';
import type { NodeId } from '@turingpi/foundation';

/** What a run of several nodes took, and the least that it could have taken on one board. Milliseconds. */
export interface Makespan {
  readonly makespanMs: number;
  readonly leastMs: number;
  /** All flashes together: each from when the node has the board's slot until it gives it back. */
  readonly flashesMs: number;
  /** From the first event until the first image is there. */
  readonly imageMs: number;
  /** What follows a flash: boot and actions, of the node that was flashed last. */
  readonly restMs: number;
}

/** From the first event of a run to its last, in milliseconds. */
export function durationOf(events: readonly TuringPiEvent[]): number {
  const times = events.flatMap(({ at }) => (typeof at === 'string' ? [Date.parse(at)] : []));
  return (times.at(-1) ?? Number.NaN) - (times[0] ?? Number.NaN);
}

/** Reads it from the events of a run in which every node was installed. */
export function makespanOf(events: readonly TuringPiEvent[]): Makespan {
  const timed = events.filter((event) => typeof (event as { at?: unknown }).at === 'string');
  const at = (event: TuringPiEvent | undefined): number => Date.parse(event?.at ?? '');
  const began = at(timed[0]);
  const ended = at(timed.at(-1));
  const slots = new Map<NodeId, { from: number; to: number }>();
  for (const event of timed)
    if (event.type === 'resource:acquired' && event.resource === 'slot')
      slots.set(event.nodeId, { from: at(event), to: Number.NaN });
    else if (event.type === 'resource:released' && event.resource === 'slot')
      slots.get(event.nodeId)!.to = at(event);
  const flashes = [...slots.entries()].sort(([, one], [, other]) => one.to - other.to);
  const flashesMs = flashes.reduce((sum, [, { from, to }]) => sum + to - from, 0);
  const isOf = (event: TuringPiEvent, phase: string): boolean => 'phase' in event && event.phase === phase;
  const firstImage = timed.find(
    (event) => event.type === 'phase:completed' && isOf(event, 'image_customization'),
  );
  const [last] = flashes.at(-1) ?? [];
  const done = timed.find((event) => event.type === 'node:completed' && event.nodeId === last);
  const imageMs = at(firstImage) - began;
  const restMs = at(done) - (flashes.at(-1)?.[1].to ?? Number.NaN);
  const makespanMs = ended - began;
  return { makespanMs, leastMs: flashesMs + imageMs + restMs, flashesMs, imageMs, restMs };
}
