import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '@turingpi/foundation';
import type { SharedLog, SharedPapers } from '../state/shared-papers.js';
import type { StateStore } from '../state/state-store.js';
import { HEARTBEAT_MS } from './run-heartbeat.js';

/** How names of the logs of runs begin in a store; the id of the run follows. */
export const RUN_LOGS = 'run/';

const AGAIN_AFTER_MS = 1000;
/** So long a run that has ended waits for other computers to be told of it, in milliseconds. */
const END_MS = 5000;

/** What a run is copied with. */
interface CopiedRunParts {
  readonly state: Pick<StateStore, 'papers'>;
  readonly logger: Logger;
}

/**
 * The lines of a run for other computers, with signs of life: a copy of its file in the store of the state. Where that
 * cannot be reached the run goes on, and it is told later.
 */
export class RunCopy {
  readonly #log: SharedLog;
  readonly #lines: string[] = [];
  /** How many are in the store. */
  #told = 0;
  #beatDue = false;
  #hasWarned = false;
  #telling: Promise<void> | undefined;
  readonly #ending = new AbortController();
  readonly #timer: NodeJS.Timeout;

  private constructor(
    private readonly id: string,
    private readonly papers: SharedPapers,
    private readonly logger: Logger,
  ) {
    this.#log = papers.log(`${RUN_LOGS}${id}`);
    this.#timer = setInterval(() => {
      this.#beatDue = true;
      void this.#tell();
    }, HEARTBEAT_MS).unref();
  }

  /** The copy of a run; undefined where no other computer would see it. */
  static of(id: string, { state: { papers }, logger }: CopiedRunParts): RunCopy | undefined {
    return papers?.reach === 'network' ? new RunCopy(id, papers, logger) : undefined;
  }

  add(line: string): void {
    this.#lines.push(line);
    void this.#tell();
  }

  /** Waits for a while until everything is told. @param keep - so many runs stay in the store */
  async end(keep: number): Promise<void> {
    clearInterval(this.#timer);
    const limit = sleep(END_MS, undefined, { signal: this.#ending.signal }).catch(() => undefined);
    await Promise.race([this.#tell().then(() => this.#prune(keep)), limit]);
    this.#ending.abort();
  }

  #tell(): Promise<void> {
    return (this.#telling ??= this.#tellAll().finally(() => (this.#telling = undefined)));
  }

  async #tellAll(): Promise<void> {
    while ((this.#lines.length > this.#told || this.#beatDue) && !this.#ending.signal.aborted) {
      const { length } = this.#lines;
      try {
        await this.#log.append(this.#lines.slice(this.#told), this.#told);
        this.#told = length;
        this.#beatDue = false;
      } catch (error) {
        if (!this.#hasWarned) this.logger.warn({ err: error, run: this.id }, 'the run cannot be copied');
        this.#hasWarned = true;
        await sleep(AGAIN_AFTER_MS, undefined, { ref: false });
      }
    }
  }

  async #prune(keep: number): Promise<void> {
    try {
      const names = (await this.papers.logs(RUN_LOGS)).map(({ name }) => name).toSorted();
      for (const name of names.slice(0, -keep)) await this.papers.removeLog(name);
    } catch (error) {
      this.logger.warn({ err: error }, 'old runs could not be removed from the store');
    }
  }
}
