import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { z } from 'zod';

const recordSchema = z.object({
  /** Slot, 1 to 4. */
  node: z.union([z.literal(1), z.literal(2), z.literal(3), z.literal(4)]),
  /** Undefined for what the BMC reads by itself. */
  format: z.enum(['xz', 'raw']).optional(),
  /** Of the bytes as sent, or what else tells the source from others. */
  sha256: z.string(),
  lengthBytes: z.number().optional(),
  rawSizeBytes: z.number().optional(),
  /** Whether the start request may have been sent. */
  started: z.boolean(),
  /** Undefined until the start request was answered. */
  handle: z.number().optional(),
  /** Whether the BMC has confirmed that it has every byte: from then on nobody is needed for it to finish. */
  uploaded: z.boolean(),
  /**
   * Whether the module's storage has been found. Until then no other module may be switched on: on a board with a hub the
   * BMC could take it for the target.
   */
  broughtUp: z.boolean().default(false),
  /** How USB was stored before. */
  usb: z.object({
    node: z.union([z.literal(1), z.literal(2), z.literal(3), z.literal(4)]),
    mode: z.enum(['host', 'device', 'flash']),
    route: z.enum(['bmc', 'port']),
  }),
  /** The USB of node 1 was led to the BMC for the flash and has to be led back. */
  node1UsedPort: z.boolean(),
  startedAt: z.string(),
  /** Other computers were told of it, and may have come to its end. */
  shared: z.boolean().optional(),
});

/** The transfer of this computer that is, or was when it crashed, on a board. */
export type TransferRecord = z.output<typeof recordSchema>;

/** What a job remembers its transfer with. */
export type JobJournal = Pick<TransferJournal, 'read' | 'write' | 'clear'>;

/** A record as it was written; undefined for anything else. */
export function parseTransferRecord(value: unknown): TransferRecord | undefined {
  return recordSchema.safeParse(value).data;
}

/**
 * Remembers the transfer under way on one board, so that a run after a crash knows it for ours.
 *
 * @remarks It lies beside the board's lock and is read and written only under it.
 */
export class TransferJournal {
  constructor(readonly file: string) {}

  /** The record; undefined when there is none or it cannot be understood, which means the same: nothing is known. */
  async read(): Promise<TransferRecord | undefined> {
    try {
      return parseTransferRecord(JSON.parse(await readFile(this.file, 'utf8')));
    } catch {
      return undefined;
    }
  }

  async write(record: TransferRecord): Promise<void> {
    await mkdir(path.dirname(this.file), { recursive: true });
    const temporary = `${this.file}.${randomUUID()}`;
    try {
      await writeFile(temporary, JSON.stringify(record), { mode: 0o600, flush: true });
      await rename(temporary, this.file);
    } catch (cause) {
      await rm(temporary, { force: true });
      throw cause;
    }
  }

  async clear(): Promise<void> {
    await rm(this.file, { force: true });
  }
}
