import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { BoardDirectoryInUse } from './board-directory.js';
import { startVirtualBoard } from './start-virtual-board.js';

it('two boards cannot have the same disks; once the first has ended the next one may', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'board-directory-'));
  try {
    const options = { dir, boot: 'none', certificateBits: 1024, emmcSizeBytes: 1 << 20 } as const;
    {
      await using first = await startVirtualBoard(options);
      expect(first.nodes).toHaveLength(4);
      await expect(startVirtualBoard(options)).rejects.toMatchObject({
        constructor: BoardDirectoryInUse,
        directory: dir,
        holder: { pid: process.pid },
      });
    }
    await using next = await startVirtualBoard(options);
    expect(next.nodes).toHaveLength(4);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
});
