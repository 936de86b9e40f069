import type { BoardDriver, BoardOperation } from '@turingpi/core/plugin';
import { ConsoleLog } from './console-log.js';
import { type ConsoleDiagnosis, diagnoseConsole } from './diagnose-console.js';

/** Follows a node's console beside another wait, for the diagnosis when that fails. */
export class ConsoleWatch implements AsyncDisposable {
  readonly #stop = new AbortController();
  readonly #fatal = new AbortController();
  readonly #log = new ConsoleLog();
  readonly #following: Promise<void>;

  constructor(
    board: BoardDriver,
    private readonly operation: BoardOperation,
    private readonly expectedAddress: string,
  ) {
    this.#following = this.#follow(board);
  }

  /** Fires when the console shows that waiting is useless. */
  get fatal(): AbortSignal {
    return this.#fatal.signal;
  }

  get diagnosis(): ConsoleDiagnosis | undefined {
    return diagnoseConsole(this.#log.tail(), this.expectedAddress);
  }

  tail(count: number): readonly string[] {
    return this.#log.tail(count);
  }

  async #follow(board: BoardDriver): Promise<void> {
    const signal = AbortSignal.any([this.#stop.signal, this.operation.signal]);
    try {
      for await (const text of board.followConsole({ ...this.operation, signal })) {
        const lines = this.#log.append(text);
        const note = lines.findLast((line) =>
          /systemd\[1\]: (Started|Reached)|cloud-init|login:|Starting kernel/.test(line),
        );
        if (note !== undefined)
          this.operation.progress({ activity: 'wait for SSH', note: note.slice(0, 120) });
        // Only finished lines: half a message would be a half diagnosis.
        if (diagnoseConsole(this.#log.lines, this.expectedAddress)?.fatal === true)
          this.#fatal.abort(new Error('the console shows that the node cannot start'));
      }
    } catch (error) {
      // Without a console there is just no diagnosis: the wait itself goes on.
      if (!signal.aborted)
        this.operation.logger.warn({ err: error }, 'the serial console cannot be followed');
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort(new Error('no longer needed'));
    await this.#following;
  }
}
