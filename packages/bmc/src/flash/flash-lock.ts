import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { lock } from 'proper-lockfile';
import { z } from 'zod';
import type { Logger } from '@turingpi/foundation';
import { BmcError } from '../errors/bmc-error.js';
import { Mutex } from '../session/mutex.js';

/** A lock whose holder has not touched it for this long is taken for dead. */
const STALE_MS = 15_000;
/** The same when that holder is known to have ended: long enough for a new one to have said who it is. */
const DEAD_MS = 2000;
const RETRY_MS = 500;

const ownerSchema = z.object({ pid: z.number().int().positive(), host: z.string() });

/** One queue per lock file in this process, whoever made the lock object. */
const queues = new Map<string, Mutex>();

/** A process that has taken a board for itself. */
export interface LockHolder {
  readonly pid: number;
  readonly host: string;
  /** It is known to be gone. */
  readonly ended: boolean;
}

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
      const release = await this.#acquire(options);
      try {
        return await work();
      } finally {
        await rm(this.#ownerFile, { force: true });
        await release().catch((cause: unknown) =>
          options.logger.warn({ cause }, 'flash lock was gone before its release'),
        );
      }
    }, options.signal);
  }

  /** Whether this process flashes on this board, or waits to. */
  get busyHere(): boolean {
    return queues.get(this.file)?.busy === true;
  }

  /** Who flashes on this board now, or did so when it crashed; undefined when nobody does. */
  async holder(): Promise<LockHolder | undefined> {
    const owner = await this.#owner();
    return owner && { ...owner, ended: hasEnded(owner) };
  }

  get #ownerFile(): string {
    return `${this.file}.owner`;
  }

  async #acquire({ signal, logger, onWait }: FlashLockOptions): Promise<() => Promise<void>> {
    let told: string | undefined;
    for (;;) {
      signal?.throwIfAborted();
      const owner = await this.#owner();
      try {
        await mkdir(path.dirname(this.file), { recursive: true });
        const release = await lock(this.file, {
          realpath: false, // the file itself need not exist
          stale: owner && hasEnded(owner) ? DEAD_MS : STALE_MS,
          update: STALE_MS / 3,
          // A computer that slept loses the lock. Ending the transfer now would harm more than going on.
          onCompromised: (cause) => logger.warn({ cause }, 'flash lock was taken over by another process'),
        });
        const own = JSON.stringify({ pid: process.pid, host: hostname() });
        await writeFile(this.#ownerFile, own, { mode: 0o600 });
        return release;
      } catch (cause) {
        if ((cause as NodeJS.ErrnoException).code !== 'ELOCKED') {
          throw new BmcError('BMC_FLASH_LOCKED', `cannot lock the board with ${this.file}`, {
            cause,
          });
        }
      }
      const who = owner ? `process ${owner.pid} on ${owner.host}` : 'another process';
      if (who !== told) onWait(`waiting for ${(told = who)}, which is flashing on this board`);
      await sleep(RETRY_MS, undefined, signal ? { signal } : {}).catch(() => signal?.throwIfAborted());
    }
  }

  async #owner(): Promise<Owner | undefined> {
    try {
      return ownerSchema.parse(JSON.parse(await readFile(this.#ownerFile, 'utf8')));
    } catch {
      return undefined;
    }
  }
}

type Owner = z.output<typeof ownerSchema>;

/** Whether the process is known to be gone; of another computer's nothing is known. */
function hasEnded({ pid, host }: Owner): boolean {
  if (host !== hostname()) return false;
  try {
    process.kill(pid, 0);
    return false;
  } catch (cause) {
    return (cause as NodeJS.ErrnoException).code === 'ESRCH';
  }
}
