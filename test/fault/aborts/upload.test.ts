import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { BackendImageEngine } from '@turingpi/image';
import { expect, test } from 'vitest';
import { imageBytes, startBoard } from '../../board/board-fixture.js';

/** Of an upload that begins: at once, before and while the BMC starts the module. */
const MOMENTS_MS = [0, 3, 30];

test.each(MOMENTS_MS)(
  'an abort %i ms after an upload begins cancels it and leaves the node off',
  async (ms) => {
    await using fixture = await startBoard({ clock: { scale: 20 } });
    const file = path.join(fixture.dir, 'images', 'image.img');
    await mkdir(path.dirname(file));
    await writeFile(file, imageBytes(4 << 20));
    const engine = new BackendImageEngine();
    const abort = new AbortController();
    const reason = new Error('stopped by the user');
    const stop = (): void => abort.abort(reason);
    const flashing = fixture.client().flashNode({
      node: 2,
      signal: abort.signal,
      otherNodes: 'keep',
      image: { format: 'raw', open: (format, signal) => engine.stream(file, format, { signal }) },
      progress: ({ activity }) => {
        if (activity !== 'upload') return;
        if (ms === 0) stop();
        else setTimeout(stop, ms);
      },
    });
    await expect(flashing).rejects.toBe(reason);
    expect(fixture.board.transferStatus).not.toContain('Transferring');
    await sleep(60); // a worker that cleans up late must not switch the node on again
    expect(fixture.board.nodes[1]!.powered).toBe(false);
  },
);
