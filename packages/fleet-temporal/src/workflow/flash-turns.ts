import { CancellationScope } from '@temporalio/workflow';

/** The flash slot of a board: whoever comes first flashes first, and alone. */
export class FlashTurns {
  #last: Promise<void> = Promise.resolve();

  /** @throws CancelledFailure when it is cancelled before its turn; the others keep theirs. */
  async inTurn<T>(work: () => Promise<T>): Promise<T> {
    const before = this.#last;
    let end: () => void = () => undefined;
    this.#last = new Promise((resolve) => (end = resolve));
    try {
      await Promise.race([before, CancellationScope.current().cancelRequested]);
      return await work();
    } finally {
      void before.then(end);
    }
  }
}
