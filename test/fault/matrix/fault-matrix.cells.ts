import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startVirtualBoard } from '@turingpi/virtual-board';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { rawImage, xzImage } from '../../board/board-fixture.js';
import { FAULTS, momentsOf } from './faults.js';
import { runCell } from './run-cell.js';

/** More than the network's buffers hold, so that the source is still being read in the middle of a flash. */
const SIZE = 12 << 20;
const images = {
  raw: rawImage(SIZE),
  xz: xzImage(SIZE),
  small: rawImage(4 << 20), // which module is written shows with its first block
  next: rawImage(1 << 20),
};
let certificateDir: string;

beforeAll(async () => {
  // One certificate for all boards: making a key is what takes longest.
  certificateDir = await mkdtemp(path.join(tmpdir(), 'fault-matrix-'));
  await (await startVirtualBoard({ dir: certificateDir, httpPort: 'off' }))[Symbol.asyncDispose]();
});
/** What Node.js warns of, such as listeners that gather on a signal. */
const warnings: string[] = [];
const warned = ({ name, message }: Error): void => void warnings.push(`${name}: ${message}`);
beforeAll(() => void process.on('warning', warned));
afterAll(() => {
  process.off('warning', warned);
  expect(warnings).toEqual([]);
});
afterAll(() => rm(certificateDir, { recursive: true, force: true }));

for (const fault of FAULTS) {
  describe.concurrent(fault.name, () => {
    for (const moment of momentsOf(fault)) {
      test.concurrent(moment, async ({ task }) => {
        const verdict = await runCell(
          fault,
          moment,
          fault.systems ? images.small : fault.xz === true ? images.xz : images.raw,
          images.next,
          certificateDir,
        );
        Object.assign(task.meta, { verdict }); // for the table
        expect(verdict.wrong, verdict.outcome).toEqual([]);
      });
    }
  });
}
