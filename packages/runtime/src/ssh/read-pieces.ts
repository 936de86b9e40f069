import type { FileHandle } from 'node:fs/promises';

const PIECE_BYTES = 256 * 1024;

/**
 * An open file from its beginning to its end.
 *
 * @remarks The pieces take turns in the same memory: one is overwritten when the second one after it is asked for.
 * @param unreadable - Makes the error to throw of what the system says.
 */
export async function* readPieces(
  file: FileHandle,
  unreadable: (cause: unknown) => Error,
): AsyncGenerator<Uint8Array> {
  let [next, other] = [Buffer.allocUnsafeSlow(PIECE_BYTES), Buffer.allocUnsafeSlow(PIECE_BYTES)];
  for (let at = 0; ;) {
    const { bytesRead } = await file.read(next, 0, PIECE_BYTES, at).catch((cause: unknown) => {
      throw unreadable(cause);
    });
    if (bytesRead === 0) return;
    yield next.subarray(0, bytesRead);
    at += bytesRead;
    [next, other] = [other, next];
  }
}
