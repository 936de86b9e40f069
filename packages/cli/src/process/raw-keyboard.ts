import type { ReadStream } from 'node:tty';

/** Ctrl-], which leaves, as in telnet: Ctrl-C is for the other side. */
export const LEAVE_KEY = '\u001d';

/** Who is told what is typed. */
export interface KeyListener {
  /** Bytes as the terminal sends them, Ctrl-C among them. */
  keys(bytes: Buffer): void;
  /** Ctrl-] was typed, or the terminal is gone. */
  leave(): void;
}

/**
 * A terminal's keyboard, key by key and without an echo, until it is disposed: then it is as it was. Where the process ends
 * otherwise, Node.js puts it back.
 */
export class RawKeyboard implements Disposable {
  constructor(
    private readonly stdin: ReadStream,
    private readonly listener: KeyListener,
  ) {
    stdin.setRawMode(true);
    stdin.on('data', this.#read);
    stdin.once('end', this.#gone);
    stdin.on('error', this.#gone);
    stdin.resume();
  }

  readonly #gone = (): void => this.listener.leave();

  readonly #read = (bytes: Buffer): void => {
    const end = bytes.indexOf(LEAVE_KEY);
    const keys = end === -1 ? bytes : bytes.subarray(0, end);
    if (keys.length > 0) this.listener.keys(keys);
    if (end !== -1) this.listener.leave();
  };

  [Symbol.dispose](): void {
    const { stdin } = this;
    stdin.off('data', this.#read).off('end', this.#gone).off('error', this.#gone);
    stdin.pause();
    try {
      stdin.setRawMode(false);
    } catch {
      // The terminal is gone, and with it what there was to put back.
    }
  }
}
