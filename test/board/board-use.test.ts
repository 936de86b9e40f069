import { mkdir, readdir, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { type BoardFixture, rawImage, startBoard } from './board-fixture.js';

const MB = 1 << 20;
const nothing = (): Promise<'done'> => Promise.resolve('done');

/** Leaves what a program leaves that is killed in a container while it brings node 2 up. */
async function killInContainer(fixture: BoardFixture): Promise<{ readonly note: string }> {
  const locks = path.join(fixture.dir, 'locks');
  const held = await fixture.client().withBoard(() => readdir(locks), {});
  const lock = held.find((name) => name.endsWith('.lock.lock'))!;
  const record = {
    ...{ node: 2, sha256: '00', started: true, uploaded: false, node1UsedPort: false },
    ...{ usb: { node: 1, mode: 'host', route: 'bmc' }, startedAt: new Date().toISOString() },
  };
  await writeFile(path.join(locks, lock.replace(/lock\.lock$/, 'transfer.json')), JSON.stringify(record));
  await mkdir(path.join(locks, lock));
  const note = path.join(locks, lock, 'note');
  await writeFile(note, JSON.stringify({ pid: 7, host: hostname(), computer: 'another' }));
  return { note };
}

describe('changes of a board beside transfers', () => {
  test('a node that is read back is not cut by another program of ours; others may be, and who waits gets his turn', async () => {
    await using fixture = await startBoard({ emmcBytesPerSecond: 4 * MB });
    const { board } = fixture;
    const flashing = fixture.client().flashNode({ node: 2, image: rawImage(4 * MB) });
    await expect.poll(() => board.transferStatus, { interval: 2 }).toContain('Transferring');
    const client = fixture.client();
    const refused = { code: 'BMC_FLASH_BUSY', details: { node: 2 } };
    await expect(client.useBoard({ touches: [2] }, nothing)).rejects.toMatchObject(refused);
    await expect(client.useBoard({ touches: 'board' }, nothing)).rejects.toMatchObject(refused);
    expect(await client.useBoard({ touches: [1, 3, 4] }, nothing)).toBe('done');
    const notes: string[] = [];
    const options = { touches: [2] as const, wait: true, onWait: (note: string) => notes.push(note) };
    const state = await client.useBoard(options, () => Promise.resolve(board.transferStatus));
    expect(state).toContain('Done');
    expect(notes[0]).toContain('flashing node 2');
    await flashing;
  });

  test("another client's transfer keeps its node and its USB", async () => {
    await using fixture = await startBoard();
    const client = fixture.client();
    await fixture.board.startForeignTransfer(4);
    await expect(client.useBoard({ touches: [4] }, nothing)).rejects.toMatchObject({
      code: 'BMC_FLASH_BUSY',
      details: { node: 4 },
    });
    await expect(client.useBoard({ touches: 'board' }, nothing)).rejects.toMatchObject({
      code: 'BMC_FLASH_BUSY',
    });
    expect(await client.useBoard({ touches: [3] }, nothing)).toBe('done');
    // What is switched on while a module is brought up could be taken for it.
    await expect(client.useBoard({ touches: [3], switchesOn: true }, nothing)).rejects.toMatchObject({
      code: 'BMC_FLASH_BUSY',
    });
  });

  test("another client's transfer is seen also while a program of ours has the board for something else", async () => {
    await using fixture = await startBoard();
    await fixture.board.startForeignTransfer(4);
    const client = fixture.client();
    await client.withBoard(async () => {
      const other = fixture.client();
      await expect(other.useBoard({ touches: [4] }, nothing)).rejects.toMatchObject({
        code: 'BMC_FLASH_BUSY',
        details: { node: 4 },
      });
      expect(await other.useBoard({ touches: [3] }, nothing)).toBe('done');
    }, {});
  });

  test('a program that was killed in a container keeps a board until it has been silent for long', async () => {
    await using fixture = await startBoard();
    const { note } = await killInContainer(fixture);
    const client = fixture.client();
    const use = () => client.useBoard({ touches: [2], unlocked: true }, nothing);
    await expect(use()).rejects.toMatchObject({ code: 'BMC_FLASH_BUSY', details: { pid: 7, node: 2 } });
    const silence = async () => utimes(note, 0, 0);
    await client.switchOn(3, { onWait: () => void silence() });
    expect(fixture.board.nodes[2]!.powered).toBe(true);
    expect(await use()).toBe('done');
  });

  test('a USB mode that the board refuses halfway leaves USB as it was', async () => {
    await using fixture = await startBoard();
    const client = fixture.client();
    await expect(client.usb.set({ node: 1, mode: 'host', route: 'bmc' })).rejects.toMatchObject({
      code: 'BMC_USB_HOST_UNSUPPORTED',
    });
    expect(fixture.board.pinLog.findLast((line) => line.startsWith('usb_route'))).toBe(
      'usb_route AlternativePort',
    );
  });

  test('a console that prints more than the board keeps says that something is missing', async () => {
    await using fixture = await startBoard();
    const { board } = fixture;
    const stop = new AbortController();
    const seen: string[] = [];
    board.printConsole(1, 'begin\r\n');
    const following = fixture.client().followConsole(1, {
      signal: stop.signal,
      fromStart: true,
      onLost: () => {
        seen.push('lost');
        stop.abort();
      },
    });
    for await (const text of following) {
      seen.push(text.slice(0, 5));
      board.printConsole(1, Array.from({ length: 3000 }, (_, i) => `a burst, line ${i}\r\n`).join(''));
    }
    expect(seen.slice(0, 2)).toEqual(['begin', 'lost']);
  });
});
