import { mkdtemp, rm } from 'node:fs/promises';
import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startVirtualBoard, type VirtualBoard } from '@turingpi/virtual-board';
import { expect, test } from 'vitest';
import { BoardClient, multipart } from './board-client.js';
import { readRecording } from './recording.js';

const RECORDED = readRecording<{ readonly case: string; readonly pins: readonly string[] }>('pin-log');
const CLOCK = { scale: 20 };

/** The recorded lines without their notes; `node1-4` stands for four lines. */
function recordedPins(name: string): string[] {
  return RECORDED.find((one) => one.case.startsWith(name))!
    .pins.filter((line) => !line.startsWith('<'))
    .map((line) => line.replace(/ \(.*\)$/, ''))
    .flatMap((line) =>
      line.includes('node1-4') ? [1, 2, 3, 4].map((id) => line.replace('1-4', String(id))) : [line],
    );
}

async function client(board: VirtualBoard): Promise<BoardClient> {
  const made = new BoardClient(board.https);
  await made.login();
  return made;
}

async function flash(bmc: BoardClient, index: number, image: Buffer): Promise<string> {
  const start = await bmc.get(`opt=set&type=flash&node=${index}&file=a.img&length=${image.length}`);
  const { handle } = JSON.parse(start.body) as { handle: number };
  await bmc.request('POST', `/api/bmc/upload/${handle}`, ...multipart(image));
  return bmc.finalStatus();
}

test('pins of a flash without errors', async ({ task }) => {
  task.meta.replayed = 1;
  await using board = await startVirtualBoard({ foreign: 'everyone', boot: 'none', clock: CLOCK });
  board.clearPinLog();
  expect(await flash(await client(board), 0, randomBytes(1000))).toContain('Done');
  expect(board.pinLog).toEqual(recordedPins('flash of node 1 without errors'));
});

test('pins when bring-up fails: nothing is taken back', async ({ task }) => {
  task.meta.replayed = 1;
  await using board = await startVirtualBoard({
    foreign: 'everyone',
    boot: 'none',
    clock: CLOCK,
    faults: { bringUp: 'not-found' },
  });
  board.clearPinLog();
  expect(await flash(await client(board), 2, randomBytes(1000))).toContain('not found or supported');
  expect(board.pinLog).toEqual(recordedPins('bring-up fails'));
  expect(board.nodes[2]?.powered).toBe(true);
});

test("pins of a second start: the older one's cleanup runs into its bring-up", async ({ task }) => {
  task.meta.replayed = 1;
  await using board = await startVirtualBoard({
    foreign: 'everyone',
    boot: 'none',
    clock: { scale: 1 },
    bringUpMs: 0,
  });
  // In real time: the two run 100 ms apart, which a busy machine must not turn round.
  const bmc = await client(board);
  await bmc.get('opt=set&type=flash&node=1&file=a.img&length=5');
  await expect.poll(() => board.pinLog.at(-1), { timeout: 10_000 }).toBe('usb_boot node4 0'); // brought up, waits for its upload
  board.clearPinLog();
  await bmc.get('opt=set&type=flash&node=1&file=a.img&length=5');
  const recorded = recordedPins('second start for node 2');
  await expect.poll(() => board.pinLog.length, { timeout: 10_000 }).toBeGreaterThanOrEqual(recorded.length);
  expect(board.pinLog.slice(0, recorded.length)).toEqual(recorded);
  // The newer one's node came up with USB routed away.
  expect(await bmc.finalStatus()).toBe('{"Error":"Compute module\'s USB interface not found or supported"}');
});

test('pins at the start of the daemon, from what was stored', async ({ task }) => {
  task.meta.replayed = 1;
  const dir = await mkdtemp(join(tmpdir(), 'turingpi-pins-'));
  try {
    {
      await using board = await startVirtualBoard({
        foreign: 'everyone',
        boot: 'none',
        dir,
        boardRevision: 'v2.4',
        clock: CLOCK,
      });
      const bmc = await client(board);
      await bmc.get('opt=set&type=power&node2=1&node4=1');
      await bmc.get('opt=set&type=usb&node=3&mode=6');
    }
    await using again = await startVirtualBoard({
      foreign: 'everyone',
      boot: 'none',
      dir,
      boardRevision: 'v2.4',
      clock: CLOCK,
    });
    expect(again.pinLog).toEqual(recordedPins('daemon start'));
  } finally {
    await rm(dir, { recursive: true });
  }
});
