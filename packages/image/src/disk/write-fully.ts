import type { FileHandle } from 'node:fs/promises';

/** Writes all of `bytes` at `position`, as one write may take only a part. @throws What the file system says. */
export async function writeFully(file: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < bytes.byteLength;) {
    done += (await file.write(bytes, done, bytes.byteLength - done, position + done)).bytesWritten;
  }
}
