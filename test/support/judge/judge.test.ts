import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { approveErasure, type NodeId, Secret, withNamedNodes } from '@turingpi/foundation';
import type { VirtualBoardOptions } from '@turingpi/virtual-board';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { startBoard } from '../../board/board-fixture.js';

/** A board whose findings are looked at here, with nodes 1 and 2 on. */
async function boardUnderTest(options: VirtualBoardOptions = {}) {
  const fixture = await startBoard({ boot: 'none', judge: {}, ...options });
  const client = fixture.client();
  await client.power.set({ 1: true, 2: true });
  return {
    fixture,
    board: fixture.board,
    client,
    [Symbol.asyncDispose]: () => fixture[Symbol.asyncDispose](),
  };
}

const cut = (node: number) => ({ what: 'power cut', node, client: 'root' });

test('the power of a node is cut only while somebody names it', async () => {
  await using tried = await boardUnderTest();
  const { board, client } = tried;
  await withNamedNodes([1], 'test', async () => {
    await client.power.off(1);
    await client.power.on(1);
    expect(board.findings).toEqual([]);
    await client.power.off(2);
  });
  await client.power.reset(1);
  await client.power.off(3); // was off
  expect(board.findings).toEqual([cut(2), cut(1)]);
});

test('a flash needs an approval of its own, for its board and node', async () => {
  await using tried = await boardUnderTest({ boardRevision: 'v2.4' }); // which sees the module that it is told to
  const { board, client } = tried;
  await writeFile(path.join(board.sdCardDir, 'image.raw'), 'an image');
  const approve = (node: NodeId, id: string) =>
    approveErasure({ node, board: id }).begin({ node, disk: 'emmc' });
  const flash = async () => {
    await client.transfer.startFlash(1, { from: 'bmc-file', path: '/mnt/sdcard/image.raw' });
    await expect.poll(() => board.transferStatus).toContain('Done');
  };
  const own = (await client.identity()).id;
  await approve(2, own);
  await approve(1, 'mac:02:00:00:00:00:99');
  await flash();
  const unapproved = (['flash', 'write'] as const).map((what) => ({ what, node: 1, client: 'root' }));
  expect(board.findings).toEqual(unapproved);
  await approve(1, own);
  await flash();
  expect(board.findings).toEqual(unapproved);
  await flash(); // the approval is used up
  expect(board.findings).toEqual([...unapproved, ...unapproved]);
});

test('what foreign clients and the daemon do is not judged', async () => {
  await using tried = await boardUnderTest({ accounts: { other: 'pw' }, foreign: ['other'] });
  const { fixture, board } = tried;
  const other = fixture.client({ credentials: { username: 'other', password: new Secret('pw') } });
  await other.power.off(1);
  await board.enterUsbBoot(2);
  await board.restart('daemon');
  expect(board.findings).toEqual([]);
  await tried.client.power.off(2);
  expect(board.findings).toEqual([cut(2)]);
});

test('one finding fails the test that it was found in, of a whole run', async () => {
  const { exitCode, all } = await execa(
    process.execPath,
    ['node_modules/vitest/vitest.mjs', 'run', '--config', 'test/support/judge/vitest.config.ts'],
    { reject: false, all: true, env: { NO_COLOR: '1', TURINGPI_BOARD_FINDINGS: '' } },
  );
  expect(all).toContain('node 1 of a virtual board lost its power, and nobody had named it, by client root');
  expect(all).toMatch(/Tests +1 failed \| 1 passed/);
  expect(exitCode).toBe(1);
});
