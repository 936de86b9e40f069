import { randomInt } from 'node:crypto';
import type { BoardClock } from '../board/board-clock.js';
import type { ChunkQueue } from './chunk-queue.js';
import { actAs, currentActor } from '../hardware/actor.js';
import { TransferCancelled, TransferError } from './transfer-error.js';

/** One flash or firmware transfer. */
export class Transfer {
  /** Random 32-bit number by which an upload names it. */
  readonly handle = randomInt(2 ** 32);
  readonly controller = new AbortController();
  /** The account that asked for it. */
  readonly client = currentActor().client;
  readonly startedAt = performance.now();
  bytesWritten = 0;
  uploadBegun = false;

  /**
   * @param size - The declared number of bytes, compressed.
   * @param upload - Where an upload puts its chunks; undefined for local and URL transfers.
   */
  constructor(
    readonly processName: string,
    readonly size: number,
    readonly upload: ChunkQueue | undefined,
  ) {}
}

type SlotState =
  | { readonly kind: 'Ready' }
  | { readonly kind: 'Transferring'; readonly transfer: Transfer }
  | { readonly kind: 'Done'; readonly elapsedMs: number; readonly size: number }
  | { readonly kind: 'Error'; readonly text: string };

interface SendTimer {
  readonly timeout: NodeJS.Timeout;
  readonly startedAtWorkedMs: number;
}

const SEND_TIMEOUT_MS = 10_000;

/**
 * The board's only transfer slot: no queue, no "busy", the newest request wins
 * (docs/reference/bmc-protocol.md, "One transfer slot").
 */
export class TransferSlot {
  #state: SlotState = { kind: 'Ready' };
  readonly #timers = new Set<SendTimer>();
  readonly #workers = new Set<Promise<void>>();

  constructor(private readonly clock: BoardClock) {}

  get state(): SlotState {
    return this.#state;
  }

  /** Takes the slot: a transfer that has it is cancelled and cleans up while the new one begins. */
  begin(transfer: Transfer, work: (transfer: Transfer) => Promise<void>): void {
    const before = this.#state;
    this.#state = { kind: 'Transferring', transfer };
    const worker = this.#run(transfer, work).finally(() => this.#workers.delete(worker));
    this.#workers.add(worker);
    if (before.kind === 'Transferring') before.transfer.controller.abort(new TransferCancelled());
    this.#startTimer();
  }

  /** Cancels whatever is there and says so, also over Ready and Done (docs/reference/bmc-protocol.md, "Cancel"). */
  cancel(text = 'cancelled by user'): void {
    const before = this.#state;
    this.#state = { kind: 'Error', text };
    if (before.kind === 'Transferring') before.transfer.controller.abort(new TransferCancelled());
  }

  /** The body of a status reply. */
  statusText(): string {
    const state = this.#state;
    switch (state.kind) {
      case 'Ready':
        return JSON.stringify('Ready');
      case 'Error':
        return JSON.stringify({ Error: state.text });
      case 'Done': {
        const secs = Math.floor(state.elapsedMs / 1000);
        const nanos = Math.round((state.elapsedMs - secs * 1000) * 1e6);
        return JSON.stringify({ Done: [{ secs, nanos }, state.size] });
      }
      case 'Transferring': {
        const { handle, processName, size, bytesWritten } = state.transfer;
        return JSON.stringify({
          Transferring: {
            id: handle,
            process_name: processName,
            size,
            cancelled: false, // never seen true: the state changes with the cancellation
            bytes_written: bytesWritten,
          },
        });
      }
    }
  }

  /** Forgets everything, as a daemon that was started anew; workers stop for `reason`. */
  async restart(reason: Error): Promise<void> {
    for (const timer of this.#timers) clearTimeout(timer.timeout);
    this.#timers.clear();
    const before = this.#state;
    this.#state = { kind: 'Ready' };
    if (before.kind === 'Transferring') before.transfer.controller.abort(reason);
    await Promise.all(this.#workers);
    this.#state = { kind: 'Ready' };
  }

  async #run(transfer: Transfer, work: (transfer: Transfer) => Promise<void>): Promise<void> {
    let outcome: SlotState;
    try {
      await actAs({ client: transfer.client, cause: 'transfer' }, () => work(transfer));
      outcome = { kind: 'Done', elapsedMs: performance.now() - transfer.startedAt, size: transfer.size };
    } catch (cause) {
      // Anything else is a bug of the virtual board; it must be seen rather than end the process.
      const text = cause instanceof TransferError ? cause.message : `virtual board: ${String(cause)}`;
      outcome = { kind: 'Error', text };
    }
    if (this.#holds(transfer)) this.#state = outcome;
  }

  #holds(transfer: Transfer): boolean {
    return this.#state.kind === 'Transferring' && this.#state.transfer === transfer;
  }

  // Ten seconds after any start the slot is looked at, without asking whose start it was
  // (docs/reference/bmc-protocol.md, "The ten second rule").
  #startTimer(): void {
    const now = this.clock.workedMs();
    // With work faster than limits, starts are closer together than a board could do: a timer whose ten seconds of
    // board time are over would have fired between them and found nothing.
    for (const timer of this.#timers) {
      if (now - timer.startedAtWorkedMs < SEND_TIMEOUT_MS) continue;
      clearTimeout(timer.timeout);
      this.#timers.delete(timer);
    }
    const timeout = setTimeout(() => {
      this.#timers.delete(timer);
      if (this.#state.kind !== 'Transferring') return;
      const { upload, uploadBegun } = this.#state.transfer;
      if (upload && !uploadBegun) this.cancel('Send timeout');
    }, this.clock.limitMs(SEND_TIMEOUT_MS));
    const timer: SendTimer = { timeout, startedAtWorkedMs: now };
    this.#timers.add(timer);
  }
}
