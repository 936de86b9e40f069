import { constants } from 'node:fs';
import { open } from 'node:fs/promises';

/** Keys, passwords and certificates are smaller, in bytes. */
const MAX_BYTES = 1024 * 1024;

/** Why a file was not read. */
export class NoRegularFile extends Error {}

/**
 * Reads a small file. What is no file is refused without waiting for it: a pipe may never be written to, and a device
 * may never end.
 *
 * @throws NoRegularFile saying what it is instead; what the system says.
 */
export async function readRegularFile(file: string): Promise<Buffer> {
  // A pipe is opened without waiting for its writer.
  const handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const found = await handle.stat();
    if (found.isDirectory()) throw new NoRegularFile('is a directory');
    if (!found.isFile()) throw new NoRegularFile('is no regular file');
    if (found.size > MAX_BYTES) throw new NoRegularFile(`has ${found.size} bytes, more than ${MAX_BYTES}`);
    return await handle.readFile();
  } finally {
    await handle.close();
  }
}
