import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { type LockHolder, type Logger, Mutex, ProcessLock } from '@turingpi/foundation';
import { BmcError } from '../errors/bmc-error.js';

/** A holder that has not touched the lock for this long is taken for dead. */
const STALE_MS = 15_000;

/** One queue per lock file in this process, whoever made the lock object. */
const queues = new Map<string, Mutex>();

/** What a waiting flash is told. */
export interface FlashLockOptions {
  readonly signal?: AbortSignal | undefined;
  readonly logger: Logger;
  /** Called with a remark for the user whenever the reason for waiting changes. */
  readonly onWait: (note: string) => void;
}

/**
 * Lets one flash run at a time per board: in this process first come, first served; across processes by a lock file.
 *
 * @remarks A board has one transfer slot and a second start request silently kills the first
 * (docs/reference/bmc-protocol.md, "One transfer slot").
 */
export class FlashLock {
  /** @param file - same for every process of this user that flashes this board */
  constructor(readonly file: string) {}

  /**
   * Waits for the board and runs `work`.
   *
   * @throws BmcError BMC_FLASH_LOCKED when the lock file cannot be made
   */
  async run<T>(options: FlashLockOptions, work: () => Promise<T>): Promise<T> {
    let queue = queues.get(this.file);
    if (!queue) queues.set(this.file, (queue = new Mutex()));
    if (queue.busy) options.onWait('waiting for another flash on this board');
    return await queue.run(async () => {
      await using lock = await this.#acquire(options);
      // A computer that slept loses the lock. Ending the transfer now would harm more than going on.
      lock.lost.addEventListener('abort', () =>
        options.logger.warn(
          { cause: lock.lost.reason as unknown },
          'flash lock was taken over by another process',
        ),
      );
      return await work();
    }, options.signal);
  }

  /** Whether this process flashes on this board, or waits to. */
  get busyHere(): boolean {
    return queues.get(this.file)?.busy === true;
  }

  /** Who flashes on this board now, or did so when it crashed; undefined when nobody does. */
  async holder(): Promise<LockHolder | undefined> {
    return await ProcessLock.holder(this.file, { staleMs: STALE_MS });
  }

  async #acquire({ signal, onWait }: FlashLockOptions): Promise<ProcessLock> {
    const unusable = (cause: unknown) =>
      new BmcError('BMC_FLASH_LOCKED', `cannot lock the board with ${this.file}`, { cause });
    await mkdir(path.dirname(this.file), { recursive: true }).catch((cause: unknown) => {
      throw unusable(cause);
    });
    return await ProcessLock.acquire(this.file, {
      staleMs: STALE_MS,
      signal,
      unusable,
      onWait: (holder) => {
        const who = holder ? `process ${holder.pid} on ${holder.host}` : 'another process';
        const since = holder?.since === undefined ? '' : ` since ${holder.since}`;
        onWait(`waiting for ${who}, which is flashing on this board${since}`);
      },
    });
  }
}
