import type { VirtualBoard } from '@turingpi/virtual-board';

/** Looks at the flash slot of a board every few milliseconds, past everybody who uses it. */
export class FlashWatch implements Disposable {
  readonly #timer: NodeJS.Timeout;
  #last: unknown;
  #done = 0;
  #isWriting = false;

  constructor(private readonly board: VirtualBoard) {
    this.#timer = setInterval(() => this.#look(), 10);
  }

  /** How many flashes came to their end. */
  get done(): number {
    return this.#done;
  }

  /** Whether bytes arrive on a disk now. */
  get isWriting(): boolean {
    return this.#isWriting;
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    const status = this.board.transferStatus;
    const isDone = status.includes('"Done"');
    if (isDone && status !== this.#last) this.#done += 1;
    this.#isWriting = /"bytes_written":[1-9]/.test(status);
    this.#last = status;
  }
}
