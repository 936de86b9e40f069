import { z } from 'zod';

const unsigned = z.number().nonnegative();

const wireSchema = z.union([
  z.literal('Ready'),
  z.object({
    Transferring: z.looseObject({
      id: unsigned,
      process_name: z.string().default(''),
      size: unsigned.default(0),
      bytes_written: unsigned.default(0),
    }),
  }),
  z.object({ Done: z.tuple([z.object({ secs: unsigned, nanos: unsigned }), unsigned]) }),
  z.object({ Error: z.string() }),
]);

/** What the one transfer slot of the board is doing (docs/reference/bmc-protocol.md, "Status of a transfer"). */
export type TransferStatus =
  /** Nothing since the daemon started. */
  | { readonly state: 'ready' }
  | {
      readonly state: 'transferring';
      readonly handle: number;
      readonly process: string;
      /** As declared: the compressed size for xz. */
      readonly sizeBytes: number;
      /** Decompressed bytes; climbs twice: while writing, then again while reading back. */
      readonly bytesWritten: number;
    }
  /** It carries no handle: of whom it is, only who watched it knows. */
  | { readonly state: 'done'; readonly elapsedMs: number; readonly sizeBytes: number }
  | { readonly state: 'error'; readonly text: string };

export const transferStatusSchema = wireSchema.transform((wire): TransferStatus => {
  if (wire === 'Ready') return { state: 'ready' };
  if ('Transferring' in wire) {
    const { id, process_name, size, bytes_written } = wire.Transferring;
    return {
      state: 'transferring',
      handle: id,
      process: process_name,
      sizeBytes: size,
      bytesWritten: bytes_written,
    };
  }
  if ('Done' in wire) {
    const [{ secs, nanos }, sizeBytes] = wire.Done;
    return { state: 'done', elapsedMs: secs * 1000 + nanos / 1e6, sizeBytes };
  }
  return { state: 'error', text: wire.Error };
});

/** The node that a transfer's process name means, 1 to 4; undefined for firmware upgrades. */
export function nodeOfProcess(process: string): number | undefined {
  const digit = /^Node ([1-4]) /.exec(process)?.[1];
  return digit === undefined ? undefined : Number(digit);
}
