import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '@turingpi/foundation';
import { parseTransferRecord, type JobJournal, type TransferRecord } from './transfer-journal.js';

/** A text about one board that several computers share, and that one of them at a time changes. */
export interface SharedTransfer {
  /** Undefined while nobody has written it. */
  read(): Promise<string | undefined>;
  /** @param change - makes the next text of the one that is there, undefined to leave it; it may be called again */
  update(change: (current: string | undefined) => string | undefined): Promise<unknown>;
}

/** So long a flash waits for others to learn of it before it begins, and of its end, in milliseconds. */
const PATIENCE_MS = 10_000;
const AGAIN_AFTER_MS = 1000;
const MOST_ATTEMPTS = 60;

/**
 * The transfer on one board for all computers that share it: whoever comes after a run that died elsewhere knows its
 * transfer for ours.
 *
 * @remarks
 * This computer's own journal is kept as well, for programs that do not share. Where others cannot be told, as while a
 * server starts anew, a flash under way goes on and tells them later: an upload that is not begun in time is ended by the
 * BMC. What somebody else has written since he took over is left alone.
 */
export class SharedTransferJournal implements JobJournal {
  readonly #writer = randomUUID();
  /** Who has written what was read. */
  #seen: string | undefined;
  #hasWritten = false;
  /** What is to be told; empty once nothing is on the board. */
  #wanted: string | undefined;
  #telling: Promise<void> | undefined;

  constructor(
    private readonly own: JobJournal,
    private readonly shared: SharedTransfer,
    private readonly logger: Logger,
  ) {}

  async read(): Promise<TransferRecord | undefined> {
    const own = await this.own.read();
    let text: string | undefined;
    try {
      text = await this.shared.read();
    } catch (cause) {
      this.logger.warn({ err: cause }, 'what other computers have on the board is not known');
      return own;
    }
    const { writer, record } = parse(text);
    if (record !== undefined) {
      this.#seen = writer;
      await this.own.write({ ...record, shared: true });
      return record;
    }
    if (own?.shared !== true) return own;
    await this.own.clear(); // another computer has come to its end
    return undefined;
  }

  async write(record: TransferRecord): Promise<void> {
    await this.own.write({ ...record, shared: true });
    this.#tell(JSON.stringify({ writer: this.#writer, record }));
    const isUploadDue = record.handle !== undefined && !record.uploaded;
    if (!isUploadDue) await this.#told();
  }

  async clear(): Promise<void> {
    await this.own.clear();
    this.#tell('');
    await this.#told();
  }

  #tell(text: string): void {
    this.#wanted = text;
    this.#telling ??= this.#tellAll().finally(() => (this.#telling = undefined));
  }

  /** Until others know the last of it. */
  async #tellAll(): Promise<void> {
    for (let attempt = 1; this.#wanted !== undefined && attempt <= MOST_ATTEMPTS; attempt += 1) {
      const text = this.#wanted;
      try {
        await this.shared.update((current) => (this.#isOurs(current, text) ? text : undefined));
        if (text !== '') this.#hasWritten = true;
        if (this.#wanted === text) this.#wanted = undefined;
      } catch (cause) {
        if (attempt === 1) this.logger.warn({ err: cause }, 'other computers cannot be told of the flash');
        await sleep(AGAIN_AFTER_MS, undefined, { ref: false });
      }
    }
  }

  /** Whether what is there may be replaced: whoever begins has the board, and afterwards only what is his own is. */
  #isOurs(current: string | undefined, next: string): boolean {
    if (next !== '' && !this.#hasWritten) return true;
    const { writer } = parse(current);
    return writer !== undefined && (writer === this.#writer || writer === this.#seen);
  }

  async #told(): Promise<void> {
    const stop = new AbortController();
    const limit = sleep(PATIENCE_MS, undefined, { signal: stop.signal }).catch(() => undefined);
    await Promise.race([this.#telling, limit]);
    stop.abort();
  }
}

function parse(text: string | undefined): { readonly writer?: string; readonly record?: TransferRecord } {
  try {
    const { writer, record } = JSON.parse(text ?? '') as {
      readonly writer?: unknown;
      readonly record?: unknown;
    };
    const parsed = parseTransferRecord(record);
    return typeof writer === 'string' && parsed !== undefined ? { writer, record: parsed } : {};
  } catch {
    return {}; // empty, or of a later version: nothing is known
  }
}
