import type { Logger } from '@turingpi/foundation';

/**
 * Does something again and again, one after the other, as giving a sign of life. What counts is that the sign changes:
 * nobody compares its time with a clock.
 */
export class Heartbeat {
  readonly #timer: NodeJS.Timeout;
  #beating: Promise<void> = Promise.resolve();
  #stopped = false;

  constructor(
    private readonly beat: () => Promise<void>,
    everyMs: number,
    private readonly logger: Logger,
  ) {
    this.#timer = setInterval(() => {
      this.#beating = this.#beating.then(() => this.#beat());
    }, everyMs);
    this.#timer.unref();
  }

  get isStopped(): boolean {
    return this.#stopped;
  }

  /** Ends it, without waiting for the beat that is under way. */
  end(): void {
    this.#stopped = true;
    clearInterval(this.#timer);
  }

  /** Ends it; nothing is done any more when this returns. */
  async stop(): Promise<void> {
    this.end();
    await this.#beating;
  }

  async #beat(): Promise<void> {
    if (this.#stopped) return;
    try {
      await this.beat();
    } catch (error) {
      // A disk that is full now may have room at the next one; an owner is given up only after several.
      this.logger.warn({ err: error }, 'the sign of life could not be written');
    }
  }
}
