import path from 'node:path';
import type { Context } from '@turingpi/core/plugin';
import { Node1, Node2, type NodeId } from '@turingpi/foundation';
import { expect, it } from 'vitest';
import { temporaryDirectory } from '../../../core/src/cluster/sample-cluster.fixture.js';
import { FilePapers } from '../../../core/src/state/file-papers.js';
import { type SeenDisk, SeenDisks } from './seen-disks.js';

const DISK: SeenDisk = {
  ...{ serial: 'S4EW', sizeBytes: 512_110_190_592, partitions: 'nvme0n1p1 100 MiB' },
  isWritten: false,
};

async function papersOfStore(): Promise<FilePapers> {
  return new FilePapers(path.join(await temporaryDirectory(), 'tpi_state.json'));
}
function disksOf(papers: FilePapers | undefined, board: string | undefined, id: NodeId = Node1): SeenDisks {
  const context = { papers, boardId: () => Promise.resolve(board), node: { id } };
  return new SeenDisks(context as unknown as Context);
}

it('keeps the disk that was met last, with its time, for this node of this board alone', async () => {
  const papers = await papersOfStore();
  await disksOf(papers, 'serial:1').note({ ...DISK, serial: 'OLD' });
  const before = Date.now();
  await disksOf(papers, 'serial:1').note(DISK);
  const { at, ...disk } = (await disksOf(papers, 'serial:1').read())!;
  expect(disk).toEqual(DISK);
  expect(Date.parse(at)).toBeGreaterThanOrEqual(before);
  expect(await disksOf(papers, 'serial:2').read()).toBeUndefined();
  expect(await disksOf(papers, 'serial:1', Node2).read()).toBeUndefined();
});

it('knows nothing where a store keeps no papers, and of a board that is not known', async () => {
  const papers = await papersOfStore();
  for (const disks of [disksOf(undefined, 'serial:1'), disksOf(papers, undefined)]) {
    await disks.note(DISK);
    expect(await disks.read()).toBeUndefined();
  }
});

it.each([
  '',
  '{"at":"20',
  '[]',
  JSON.stringify({ at: 'now', ...DISK }),
  JSON.stringify({ ...DISK, serial: '\u001b[2J' }),
])('takes what it cannot understand for nothing: %j', async (text) => {
  const papers = await papersOfStore();
  await papers.text('disk/serial:1/Node1').update(() => text);
  expect(await disksOf(papers, 'serial:1').read()).toBeUndefined();
});
