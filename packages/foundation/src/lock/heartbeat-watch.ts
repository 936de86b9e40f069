import { isGone, isOfThisComputer } from '../process/process-identity.js';
import type { LockNote } from './lock-note.js';

/** One look counts for no longer than this, in milliseconds: who has slept has not watched. */
const LONGEST_LOOK_MS = 1000;

/**
 * Judges whether the holder of a lock is dead.
 *
 * @remarks A process of this computer that has ended is dead at once. Any other is dead when it has given no sign of life
 * for long *while it was watched*: clocks of two computers differ, and after a computer has slept all signs are old.
 */
export class HeartbeatWatch {
  #seen: { readonly file: string; readonly touchedMs: number; readonly atMs: number } | undefined;
  #silentMs = 0;

  /** @param staleMs - so long a silence is death */
  constructor(private readonly staleMs: number) {}

  /** Whether all who left these notes are dead, as far as one can tell now. */
  async areDead(notes: readonly LockNote[]): Promise<boolean> {
    const isSilent = this.#isSilent(notes);
    for (const note of notes) {
      if (note.owner === undefined ? isOld(note, this.staleMs) : isSilent || (await isGone(note.owner)))
        continue;
      return false;
    }
    return true;
  }

  #isSilent(notes: readonly LockNote[]): boolean {
    const newest = notes.reduce<LockNote | undefined>(
      (latest, note) => (latest !== undefined && latest.touchedMs >= note.touchedMs ? latest : note),
      undefined,
    );
    if (newest === undefined) return false;
    const atMs = performance.now();
    const before = this.#seen;
    this.#seen = { file: newest.file, touchedMs: newest.touchedMs, atMs };
    if (before?.file !== newest.file || before.touchedMs !== newest.touchedMs) this.#silentMs = 0;
    else this.#silentMs += Math.min(atMs - before.atMs, LONGEST_LOOK_MS);
    return this.#silentMs >= this.staleMs;
  }
}

/**
 * Without watching: what a single look can tell.
 *
 * @remarks After a computer has slept, or its clock was set, all signs are old: of a process of this computer only whether it
 * has ended counts.
 */
export async function seemDead(notes: readonly LockNote[], staleMs: number): Promise<boolean> {
  for (const note of notes) {
    const isKnown = note.owner !== undefined && (await isOfThisComputer(note.owner));
    if (isKnown ? await isGone(note.owner) : isOld(note, staleMs)) continue;
    return false;
  }
  return true;
}

function isOld({ touchedMs }: LockNote, staleMs: number): boolean {
  return Date.now() - touchedMs >= staleMs;
}
