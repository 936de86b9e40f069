import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { inspectLocalFile } from './local-source.js';

it('ends with the reason of the signal when it is stopped while it reads', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'turingpi-source-'));
  const file = join(directory, 'large');
  await writeFile(file, '');
  await truncate(file, 4 * 1024 ** 3); // sparse: takes seconds to read, and no room
  const stop = new AbortController();
  const reason = new Error('stopped by the user');
  setTimeout(() => stop.abort(reason), 30);
  await expect(inspectLocalFile(file, stop.signal)).rejects.toBe(reason);
  await rm(directory, { recursive: true });
});
