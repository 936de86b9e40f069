import { randomBytes } from 'node:crypto';
import { spawnSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { BoardClient, multipart } from './board-client.js';
import { startVirtualBoard } from '@turingpi/virtual-board';

const FAST = { scale: 1000 };

test('logs in, powers a node and flashes raw and xz images', async () => {
  await using board = await startVirtualBoard({ foreign: 'everyone', boot: 'none', clock: FAST });
  const client = new BoardClient(board.https);
  await client.login();
  expect((await client.get('opt=set&type=power&node2=1')).body).toBe('{"response":[{"result":"ok"}]}');
  expect((await client.get('opt=get&type=power')).body).toContain('"node2":"1"');

  const image = Buffer.concat([randomBytes(700_000), Buffer.alloc(1_000_000), randomBytes(333)]);
  const packed = spawnSync('xz', ['-c', '-3'], { input: image, maxBuffer: 1e9 }).stdout;
  for (const [name, bytes] of [
    ['a.img', image],
    ['a.img.xz', packed],
  ] as const) {
    const start = await client.get(`opt=set&type=flash&node=1&file=${name}&length=${bytes.length}`);
    const { handle } = JSON.parse(start.body) as { handle: number };
    const upload = await client.request('POST', `/api/bmc/upload/${handle}`, ...multipart(bytes));
    expect(upload).toMatchObject({ status: 200, body: '' });
    expect(await client.finalStatus()).toContain('"Done"');
    expect((await readFile(board.nodes[1]!.emmc!)).equals(image)).toBe(true);
  }
  expect((await client.get('opt=get&type=power')).body).toContain('"node2":"0"');
});
