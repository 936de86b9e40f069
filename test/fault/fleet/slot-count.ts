import type { FlashWatch } from './flash-watch.js';

const EVERY_MS = 5;

/** Looks at the flash slots of all boards of a fleet at once. */
export class SlotCount implements Disposable {
  /** How many were taken at a time, at most. */
  most = 0;
  readonly #timer: NodeJS.Timeout;

  /** @param boards - also those that are added later */
  constructor(boards: readonly { readonly watch: Pick<FlashWatch, 'isTaken'> }[]) {
    this.#timer = setInterval(() => {
      this.most = Math.max(this.most, boards.filter(({ watch }) => watch.isTaken).length);
    }, EVERY_MS);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }
}
