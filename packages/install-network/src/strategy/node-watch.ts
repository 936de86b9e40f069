import { EventEmitter, once } from 'node:events';
import type { NodeSign } from '../server/admission.js';

/** How the installer's lines on the serial console begin. */
const CONSOLE_SIGN = /turingpi-installer: (.*)/;
/** What only a system that is no installer asks for. */
const LOGIN = /(?:^|\s)login: ?$/;
/** What U-Boot asks with for a command. */
const BOOT_LOADER = /(?:^|\r)=> ?$/;
const KEPT_LINES = 20;

/** How far an installer has come. */
export type InstallerState = 'unseen' | 'started' | 'writing' | 'checking' | 'done' | 'failed';

/** What is known of a node while it is to install itself: by its requests, and by its serial console as second witness. */
export class NodeWatch {
  state: InstallerState = 'unseen';
  /** Why it failed, in its own words. */
  reason: string | undefined;
  /** Another system asks for a login, and no installer was seen. */
  isOther = false;
  /** The boot loader waits for a command. */
  isAtBootLoader = false;
  sentBytes = 0;
  diskBytes: number | undefined;
  readonly #changes = new EventEmitter();
  readonly #lines: string[] = [];
  #rest = '';

  /** The last lines of its console. */
  get console(): readonly string[] {
    return this.#lines;
  }

  /** A request of the node. */
  tell(sign: NodeSign): void {
    if (this.state === 'unseen') this.state = 'started';
    switch (sign.sign) {
      case 'plan':
        this.diskBytes = sign.diskBytes;
        this.state = 'started'; // also after a failure
        break;
      case 'sent':
        this.sentBytes += sign.bytes;
        break;
      case 'report':
        this.state = sign.state;
        break;
      case 'gave-up':
        this.state = 'failed';
        this.reason = sign.reason;
        break;
      case 'failed':
        this.reason = sign.reason;
    }
    this.#changes.emit('change');
  }

  /** Text on the node's serial console. */
  read(text: string): void {
    const lines = (this.#rest + text).split(/\r?\n/);
    this.#rest = (lines.pop() ?? '').slice(-1000);
    for (const line of lines) this.#readLine(line);
    this.isAtBootLoader = BOOT_LOADER.test(this.#rest);
    if (this.state === 'unseen' && LOGIN.test(this.#rest)) this.isOther = true;
    this.#changes.emit('change');
  }

  /** Forgets that another system was seen: the node starts once more. */
  startsAgain(): void {
    this.isOther = false;
    this.#rest = '';
  }

  /** Follows a console until the signal fires; one that cannot be followed is no witness. */
  async follow(console: AsyncIterable<string>): Promise<void> {
    try {
      for await (const text of console) this.read(text);
    } catch {
      // The requests of the node are left.
    }
  }

  /**
   * Waits until something holds.
   *
   * @param silenceMs - ends after this time without news
   * @returns Whether it holds.
   * @throws The reason of the signal.
   */
  async until(holds: () => boolean, silenceMs: number, signal: AbortSignal): Promise<boolean> {
    for (;;) {
      signal.throwIfAborted();
      if (holds()) return true;
      const limit = AbortSignal.timeout(silenceMs);
      try {
        await once(this.#changes, 'change', { signal: AbortSignal.any([signal, limit]) });
      } catch {
        signal.throwIfAborted();
        if (limit.aborted) return holds();
      }
    }
  }

  #readLine(line: string): void {
    this.#lines.push(line.replace(/[^\x20-\x7e]/g, ''));
    if (this.#lines.length > KEPT_LINES) this.#lines.shift();
    const said = CONSOLE_SIGN.exec(line)?.[1];
    if (said === undefined) return;
    if (this.state === 'unseen') this.state = 'started';
    const reason = /^failed: (.*)/.exec(said)?.[1];
    if (reason !== undefined) this.reason = reason.slice(0, 500);
    // Of that the network may know nothing.
    if (said.startsWith('given up')) this.state = 'failed';
  }
}
