import { existsSync } from 'node:fs';
import { utimes } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { HeartbeatWatch, seemDead } from './heartbeat-watch.js';
import { codeOf, type LockNote, readNotes, removeEmpty, removeNote, writeNote } from './lock-note.js';

const DEFAULT_STALE_MS = 10_000;
const LONGEST_PAUSE_MS = 250;
/** Two who meet while they take over from a dead one both go, and come again; so often in a row is no accident. */
const MOST_MEETINGS = 100;
const LONGEST_MEETING_PAUSE_MS = 10;

/** Who holds a lock, or did so when it crashed. */
export interface LockHolder {
  readonly pid: number;
  readonly host: string;
  /** ISO 8601: since when, by its clock, where it has said so. */
  readonly since?: string;
  /** It is known to be gone, or is taken for dead as it has given no sign of life for so long. */
  readonly ended: boolean;
}

/** How a lock behaves. All who use one file should say the same. */
export interface ProcessLockOptions {
  /**
   * A holder without a sign of life for so many milliseconds is taken for dead; one of this computer that has ended is so at
   * once. Default: 10 s.
   */
  readonly staleMs?: number | undefined;
  /** The error for a lock that cannot be made. Default: what the system said. */
  readonly unusable?: ((cause: unknown) => Error) | undefined;
}

/** How somebody waits for a lock. */
export interface AcquireLockOptions extends ProcessLockOptions {
  readonly signal?: AbortSignal | undefined;
  /** Is told when somebody else holds it, and again when that is another one; undefined when that one is not known yet. */
  readonly onWait?: ((holder: LockHolder | undefined) => void) | undefined;
  /** The longest wait, 0 for none, and the error at its end. Default: as long as somebody living holds it. */
  readonly limit?:
    { readonly waitMs: number; readonly refused: (holder: LockHolder | undefined) => Error } | undefined;
}

/**
 * A lock that every process respects that can see its file's directory, held until it is disposed.
 *
 * @remarks For `x` it is the directory `x.lock`, with a note in it that tells who holds it and whose time is that of the last
 * sign of life. The file itself need not exist; its directory must. Within one process use {@link Mutex}, which is fair.
 */
export class ProcessLock implements AsyncDisposable {
  readonly #lost = new AbortController();
  #beat: NodeJS.Timeout | undefined;
  #released = false;

  private constructor(
    private readonly note: string,
    private readonly beatMs: number,
  ) {
    this.#scheduleBeat();
  }

  /**
   * Waits for the lock.
   *
   * @throws What `unusable` or `limit.refused` makes; the reason of the signal.
   */
  static async acquire(file: string, options: AcquireLockOptions = {}): Promise<ProcessLock> {
    const { signal, limit, onWait } = options;
    const watch = new HeartbeatWatch(options.staleMs ?? DEFAULT_STALE_MS);
    const startMs = performance.now();
    let told: string | undefined;
    for (;;) {
      signal?.throwIfAborted();
      const lock = await ProcessLock.#enter(file, options, (notes) => watch.areDead(notes));
      if (lock !== undefined) return lock;
      const holder = await ProcessLock.holder(file, options);
      if (limit !== undefined && performance.now() - startMs >= limit.waitMs) throw limit.refused(holder);
      const name = JSON.stringify([holder?.pid, holder?.host]);
      if (name !== told) onWait?.(holder);
      told = name;
      // By chance, or two keep meeting. An abort is thrown above.
      await sleep(Math.random() * LONGEST_PAUSE_MS, undefined, signal ? { signal } : {}).catch(
        () => undefined,
      );
    }
  }

  /**
   * Takes the lock if it is free.
   *
   * @returns Undefined when somebody living holds it.
   * @throws What `unusable` makes.
   */
  static async tryAcquire(file: string, options: ProcessLockOptions = {}): Promise<ProcessLock | undefined> {
    return await ProcessLock.#enter(file, options, (notes) =>
      seemDead(notes, options.staleMs ?? DEFAULT_STALE_MS),
    );
  }

  /** Whether somebody living holds the lock of a file. */
  static async isHeld(
    file: string,
    { staleMs = DEFAULT_STALE_MS }: ProcessLockOptions = {},
  ): Promise<boolean> {
    const notes = await readNotes(lockOf(file)).catch(() => undefined);
    return notes !== undefined && notes.length > 0 && !(await seemDead(notes, staleMs));
  }

  /** Who holds the lock of a file now, or did so when it crashed; undefined when nobody does or it is not known. */
  static async holder(
    file: string,
    { staleMs = DEFAULT_STALE_MS }: ProcessLockOptions = {},
  ): Promise<LockHolder | undefined> {
    const notes = await readNotes(lockOf(file)).catch(() => undefined);
    const note = notes?.find(({ owner }) => owner !== undefined);
    if (note?.owner === undefined) return undefined;
    const { owner, since } = note;
    const ended = await seemDead([note], staleMs);
    return { pid: owner.pid, host: owner.host, ...(since === undefined ? {} : { since }), ended };
  }

  /** Fires when it is found that another process took the lock over, because this one was suspended for long. */
  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  /** Looks whether it is still ours: for the moment before what it is held for. */
  isOurs(): boolean {
    if (!this.lost.aborted && !this.#released && !existsSync(this.note)) this.#lose();
    return !this.lost.aborted && !this.#released;
  }

  /** Gives the lock back. One that was lost, or cannot be removed, changes nothing for the caller: it becomes stale. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#released = true;
    clearTimeout(this.#beat);
    await removeNote(this.note).catch(() => undefined);
  }

  static async #enter(
    file: string,
    { staleMs = DEFAULT_STALE_MS, unusable }: ProcessLockOptions,
    areDead: (notes: readonly LockNote[]) => Promise<boolean>,
  ): Promise<ProcessLock | undefined> {
    const directory = lockOf(file);
    try {
      for (let meeting = 0; meeting < MOST_MEETINGS; meeting += 1) {
        const notes = await readNotes(directory);
        if (notes !== undefined && !(await areDead(notes))) return undefined;
        for (const note of notes ?? []) await remove(note, directory);
        const own = await writeNote(directory);
        if (own !== undefined) return new ProcessLock(own, staleMs / 3);
        await sleep(Math.random() * LONGEST_MEETING_PAUSE_MS);
      }
      throw Object.assign(new Error(`${directory} is in the way`), { code: 'EEXIST' });
    } catch (cause) {
      throw unusable?.(cause) ?? cause;
    }
  }

  #scheduleBeat(): void {
    this.#beat = setTimeout(() => void this.#giveSign(), this.beatMs);
    this.#beat.unref(); // a lock is no reason to go on running
  }

  async #giveSign(): Promise<void> {
    const now = new Date();
    try {
      await utimes(this.note, now, now);
    } catch (cause) {
      // Any other error may pass, and matters only when somebody takes the lock over.
      if (codeOf(cause) === 'ENOENT' && !this.#released) this.#lose();
    }
    if (!this.#released && !this.lost.aborted) this.#scheduleBeat();
  }

  #lose(): void {
    this.#lost.abort(new Error(`${this.note} is gone: another process took the lock over`));
  }
}

function lockOf(file: string): string {
  return `${file}.lock`;
}

async function remove(note: LockNote, directory: string): Promise<void> {
  await (note.file === directory ? removeEmpty(directory) : removeNote(note.file));
}
