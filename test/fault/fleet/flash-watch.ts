import type { VirtualBoard } from '@turingpi/virtual-board';

const EVERY_MS = 5;

/** Looks at the flash slot of a board every few milliseconds, past everybody who uses it. */
export class FlashWatch implements Disposable {
  /** How many flashes of each node came to their end, by its number. */
  readonly done = new Map<number, number>();
  /** How many flashes of each node began. */
  readonly begun = new Map<number, number>();
  /** Flashes that began while another one had the slot: the board lets the newest win. */
  readonly doubles: string[] = [];
  readonly #timer: NodeJS.Timeout;
  #last = '';
  #current: Transferring | undefined;

  constructor(private readonly board: Pick<VirtualBoard, 'transferStatus'>) {
    this.#timer = setInterval(() => this.#look(), EVERY_MS);
  }

  /** The node to whose disk bytes arrive now. */
  get writing(): number | undefined {
    return this.#current !== undefined && this.#current.bytes_written > 0 ? nodeOf(this.#current) : undefined;
  }

  /** Whether somebody has the slot. */
  get isTaken(): boolean {
    return this.#current !== undefined;
  }

  /** Counts from none again. */
  startAnew(): void {
    this.done.clear();
    this.begun.clear();
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    const text = this.board.transferStatus;
    if (text === this.#last) return;
    this.#last = text;
    const status = JSON.parse(text) as { readonly Transferring?: Transferring; readonly Done?: unknown };
    const [before, now] = [this.#current, status.Transferring];
    if (now !== undefined && now.id !== before?.id) {
      count(this.begun, nodeOf(now));
      if (before !== undefined) this.doubles.push(`${now.process_name}, over ${before.process_name}`);
    }
    if (status.Done !== undefined && before !== undefined) count(this.done, nodeOf(before));
    this.#current = now;
  }
}

/** As the BMC says it. */
interface Transferring {
  readonly id: number;
  readonly process_name: string;
  readonly bytes_written: number;
}

function nodeOf({ process_name }: Transferring): number {
  return Number(/^Node (\d)/.exec(process_name)?.[1] ?? 0);
}

function count(counts: Map<number, number>, node: number): void {
  counts.set(node, (counts.get(node) ?? 0) + 1);
}
