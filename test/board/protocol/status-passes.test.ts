import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { startVirtualBoard } from '@turingpi/virtual-board';
import { expect, test } from 'vitest';
import { BoardClient, multipart } from './board-client.js';
import { readRecording } from './recording.js';

const hasXz = process.env['CI'] === 'true' || spawnSync('xz', ['--version']).status === 0;
const mask = (body: string): string => body.replace(/(?<=[:[,])\d+/g, 'N');

test('status climbs to the raw size twice, then is Done', async ({ task, skip }) => {
  skip(!hasXz, 'needs xz');
  const recorded = readRecording<{ readonly body: string }>('status-two-passes');
  task.meta.replayed = recorded.length;
  const shapes = new Set(recorded.map(({ body }) => mask(body)));

  // Polled from the BMC itself, as recorded: a network client would wait for the upload.
  await using board = await startVirtualBoard({
    foreign: 'everyone',
    boot: 'none',
    clock: { scale: 20 },
    treatLoopbackAsRemote: false,
    emmcBytesPerSecond: 10_000_000,
  });
  const client = new BoardClient(board.https);
  const image = Buffer.concat([randomBytes(2_000_000), Buffer.alloc(4_000_000)]);
  const packed = spawnSync('xz', ['-c', '-0'], { input: image, maxBuffer: 1 << 28 }).stdout;
  const seen = [(await client.get('opt=get&type=flash')).body];
  const start = await client.get(`opt=set&type=flash&node=1&file=a.img.xz&length=${packed.length}`);
  const { handle } = JSON.parse(start.body) as { handle: number };
  const upload = client.request('POST', `/api/bmc/upload/${handle}`, ...multipart(packed));
  do seen.push((await client.get('opt=get&type=flash')).body);
  while (seen.at(-1)?.startsWith('{"Transferring"'));
  expect((await upload).status).toBe(200);

  expect(new Set(seen.map(mask))).toEqual(shapes);
  expect(seen[0]).toBe('"Ready"');
  expect(seen.at(-1)).toMatch(
    new RegExp(`^\\{"Done":\\[\\{"secs":\\d+,"nanos":\\d+\\},${packed.length}\\]\\}$`),
  );
  const running = seen.slice(1, -1).map(
    (body) =>
      (
        JSON.parse(body) as {
          Transferring: { id: number; process_name: string; size: number; bytes_written: number };
        }
      ).Transferring,
  );
  for (const one of running)
    expect(one).toMatchObject({ id: handle, process_name: 'Node 2 os install service', size: packed.length });
  const counts = running.map((one) => one.bytes_written);
  const drops = counts.flatMap((count, at) => (count < (counts[at - 1] ?? 0) ? [at] : []));
  expect(counts[0]).toBe(0);
  expect(drops).toHaveLength(1);
  expect(Math.max(...counts)).toBeLessThanOrEqual(image.length);
  expect(Math.max(...counts)).toBeGreaterThan(packed.length); // decompressed bytes are counted
});
