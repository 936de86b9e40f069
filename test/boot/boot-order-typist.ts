const BANNER = /U-Boot \d{4}\.\d{2}/;
const COUNTDOWN = /Hit any key to stop autoboot/;
const PROMPT = /=> ?$/;
const KEPT_LETTERS = 500;

/**
 * Sits at a node's serial console for its owner: stops the boot loader whenever the node starts, and has it try the disks in
 * another order. Where somebody else types first, it leaves that to him.
 *
 * @remarks A key that comes before the countdown waits for it, so that nobody has to be quick.
 */
export class BootOrderTypist {
  #text = '';
  #keys: readonly RegExp[] = [];
  #isDone = true;

  /**
   * @param order - names of disks, as the boot loader has them
   * @param type - types on the console
   */
  constructor(
    private readonly order: readonly string[],
    private readonly type: (text: string) => void,
  ) {}

  /** The node is switched on. */
  starts(): void {
    this.#text = '';
    this.#keys = [BANNER, COUNTDOWN];
    this.#isDone = false;
  }

  someoneElseTypes(): void {
    this.#isDone = true;
  }

  /** Text on the console. */
  read(text: string): void {
    if (this.#isDone) return;
    this.#text = (this.#text + text).slice(-KEPT_LETTERS);
    const due = this.#keys.filter((sign) => sign.test(this.#text));
    this.#keys = this.#keys.filter((sign) => !due.includes(sign));
    if (PROMPT.test(this.#text)) {
      this.#isDone = true;
      this.type(`setenv boot_targets ${this.order.join(' ')}; boot\r`);
    } else if (due.length > 0) this.type('\r');
  }
}
