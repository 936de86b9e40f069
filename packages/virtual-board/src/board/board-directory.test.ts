import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { BoardDirectoryInUse } from './board-directory.js';
import { startVirtualBoard } from './start-virtual-board.js';

it('two boards cannot have the same disks; once the first has ended the next one may', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'board-directory-'));
  try {
    const options = { dir, boot: 'none', emmcSizeBytes: 1 << 20 } as const;
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

it('a board that is refused its port leaves no folder that it made, and one that was there as it was', async () => {
  const parent = await mkdtemp(join(tmpdir(), 'board-directory-'));
  const options = { boot: 'none', httpPort: 'off', emmcSizeBytes: 1 << 20 } as const;
  try {
    await using first = await startVirtualBoard(options);
    const second = { ...options, port: first.https.port, dir: join(parent, 'second') };
    await expect(startVirtualBoard(second)).rejects.toMatchObject({ code: 'EADDRINUSE' });
    expect(await readdir(parent)).toEqual([]);
    {
      await using kept = await startVirtualBoard({ ...second, port: 0 });
      expect(kept.nodes).toHaveLength(4);
    }
    const before = await readdir(second.dir);
    await expect(startVirtualBoard(second)).rejects.toMatchObject({ code: 'EADDRINUSE' });
    expect(await readdir(second.dir)).toEqual(before);
  } finally {
    await rm(parent, { recursive: true, force: true });
  }
});
