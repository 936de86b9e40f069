import type { Writable } from 'node:stream';
import type { BmcClient } from '@turingpi/bmc';
import { type NodeId, nodeName, TuringPiError } from '@turingpi/foundation';

/** What was found out about transfers is taken for true for so long, in milliseconds. */
const LOOK_AGAIN_MS = 2000;

/** Types what comes from a keyboard on the live console of a node, unless that would cut into a transfer. */
export class ConsoleTypist {
  #line: Writable | undefined;
  #lookedAt = Number.NEGATIVE_INFINITY;
  #told: string | undefined;
  #turn: Promise<void> = Promise.resolve();

  /**
   * @param note - tells the user what was not typed, and why
   * @param signal - ends what waits for the board
   */
  constructor(
    private readonly client: Pick<BmcClient, 'useBoard'>,
    private readonly node: NodeId,
    private readonly signal: AbortSignal,
    private readonly note: (text: string) => void,
  ) {}

  /** Where it types from now on; undefined for nowhere. */
  useLine(line: Writable | undefined): void {
    this.#line = line;
  }

  /** Types bytes, in the order in which they are given. */
  type(bytes: Buffer): void {
    this.#turn = this.#turn
      .then(() => this.#type(bytes))
      .catch((error: unknown) => {
        if (!this.signal.aborted) this.#tell(`not typed: ${messageOf(error)}`);
      });
  }

  async #type(bytes: Buffer): Promise<void> {
    const { node, signal } = this;
    const line = this.#line;
    if (line?.writable !== true)
      throw new TypeError(`the console of ${nodeName(node)} is not open for typing`);
    // A flash may have begun since: what is typed then goes to a boot loader.
    if (performance.now() - this.#lookedAt > LOOK_AGAIN_MS) {
      await this.client.useBoard({ touches: [node], unlocked: true, signal }, () => Promise.resolve());
      this.#lookedAt = performance.now();
    }
    line.write(bytes);
    this.#told = undefined;
  }

  /** Once, not for every key. */
  #tell(text: string): void {
    if (text !== this.#told) this.note((this.#told = text));
  }
}

function messageOf(error: unknown): string {
  return TuringPiError.is(error) || error instanceof Error ? error.message : String(error);
}
