import { mkdir, open, readFile } from 'node:fs/promises';
import path from 'node:path';

/** A file of lines that is only added to, mode 0600; it need not exist. */
export class LineFile {
  /** @param location - the file; its directory is made when it is missing */
  constructor(readonly location: string) {}

  /** Adds lines durably: they are on the disk when this returns. */
  async append(lines: readonly string[]): Promise<void> {
    await mkdir(path.dirname(this.location), { recursive: true, mode: 0o700 });
    const handle = await open(this.location, 'a+', 0o600);
    try {
      // Behind what a power cut left of a line, another one begins.
      const { size } = await handle.stat();
      const last = size === 0 ? '\n' : (await handle.read(Buffer.alloc(1), 0, 1, size - 1)).buffer.toString();
      await handle.write(`${last === '\n' ? '' : '\n'}${lines.map((line) => `${line}\n`).join('')}`);
      await handle.sync();
    } finally {
      await handle.close();
    }
  }

  /** All lines but empty ones; none where there is no file. */
  async read(): Promise<readonly string[]> {
    try {
      return (await readFile(this.location, 'utf8')).split('\n').filter((line) => line !== '');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
      throw error;
    }
  }
}
