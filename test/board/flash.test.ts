import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { type AddressInfo, connect, createServer as createTcpServer } from 'node:net';
import path from 'node:path';
import { Readable } from 'node:stream';
import type { Progress } from '@turingpi/foundation';
import { describe, expect, test } from 'vitest';
import {
  type ApprovingClient,
  type BoardFixture,
  emmcBytes,
  FAST,
  imageBytes,
  rawImage,
  startBoard,
  xzImage,
} from './board-fixture.js';

const MB = 1 << 20;

describe('flashing through the BMC', () => {
  test('a raw image is on the eMMC of its node only, the node is off, USB is as before', async () => {
    await using fixture = await startBoard();
    const client = fixture.client();
    const image = rawImage(3 * MB + 17);
    const result = await client.flashNode({ node: 3, image });
    expect(result).toMatchObject({
      node: 3,
      format: 'raw',
      bytesSent: image.raw.length,
      followed: false,
      remarks: [],
    });
    expect((await emmcBytes(fixture.board, 3, image.raw.length)).equals(image.raw)).toBe(true);
    for (const other of [1, 2, 4] as const) {
      expect((await emmcBytes(fixture.board, other, MB)).every((byte) => byte === 0)).toBe(true);
    }
    expect(fixture.board.nodes.map(({ powered }) => powered)).toEqual([false, false, false, false]);
    expect(await client.usb.get()).toEqual({ node: 1, mode: 'device', route: 'port', bus: 'hub' });
    expect(fixture.board.pinLog.at(-1)).not.toContain('Bmc');
  });

  test('an xz image is sent as it is and shown in two phases of its raw size', async () => {
    await using fixture = await startBoard({ emmcBytesPerSecond: 2 * MB });
    const image = xzImage(3 * MB);
    const seen: Progress[] = [];
    const result = await fixture.client().flashNode({ node: 2, image, progress: (p) => seen.push(p) });
    expect(result).toMatchObject({
      format: 'xz',
      bytesSent: image.sent.length,
      rawSizeBytes: image.raw.length,
    });
    expect((await emmcBytes(fixture.board, 2, image.raw.length)).equals(image.raw)).toBe(true);
    const activities = [...new Set(seen.map(({ activity }) => activity))];
    expect(activities).toEqual(['upload', 'write', 'verify']);
    for (const p of seen) {
      expect(p.total).toBe(p.activity === 'upload' ? image.sent.length : image.raw.length);
      expect(p.done).toBeLessThanOrEqual(p.total!);
    }
  });

  test('firmware without an xz decoder gets the image decompressed, under a name that is not xz', async () => {
    await using fixture = await startBoard({ profile: 'bmcd-2.0.5' });
    const image = xzImage(2 * MB);
    await expect(fixture.client().flashNode({ node: 1, image })).resolves.toMatchObject({ format: 'raw' });
    expect((await emmcBytes(fixture.board, 1, image.raw.length)).equals(image.raw)).toBe(true);
    expect(fixture.board.accessLog.map(({ target }) => target).join('\n')).not.toMatch(/file=[^&]*\.xz/);
  });

  test('a dictionary too large for the BMC is never sent to it', async () => {
    await using fixture = await startBoard({ memoryLimitBytes: 5 * MB });
    const image = xzImage(2 * MB, { dictionaryBytes: 64 * MB });
    await expect(fixture.client().flashNode({ node: 1, image })).resolves.toMatchObject({ format: 'raw' });
  });

  test('two clients, as two processes are, flash one after the other and neither is killed', async () => {
    await using fixture = await startBoard({ emmcBytesPerSecond: 16 * MB });
    const [one, two] = [rawImage(2 * MB), xzImage(2 * MB)];
    const results = await Promise.all([
      fixture.client().flashNode({ node: 1, image: one }),
      fixture.client().flashNode({ node: 4, image: two }),
    ]);
    expect(results.map(({ node }) => node)).toEqual([1, 4]);
    expect((await emmcBytes(fixture.board, 1, one.raw.length)).equals(one.raw)).toBe(true);
    expect((await emmcBytes(fixture.board, 4, two.raw.length)).equals(two.raw)).toBe(true);
  });

  test('two names of one board are one board: the second flash waits for the first', async () => {
    await using fixture = await startBoard({ emmcBytesPerSecond: 8 * MB });
    const { board, dir } = fixture;
    const named = fixture.client({
      endpoint: { host: 'localhost', port: board.https.port, httpPort: 1 },
      pins: {}, // its key was confirmed, that of the other client is configured
      cacheDir: path.join(dir, 'confirmed'),
    });
    await named.trust(await named.presentedIdentity());
    const [one, two] = [rawImage(3 * MB), rawImage(MB)];
    let second: Promise<unknown> | undefined;
    const notes = new Set<string | undefined>();
    await fixture.client().flashNode({
      node: 1,
      image: one,
      progress: ({ done = 0 }) => {
        if (done > MB)
          second ??= named.flashNode({ node: 4, image: two, progress: ({ note }) => notes.add(note) });
      },
    });
    await second;
    expect(notes).toContain('waiting for another flash on this board');
    expect((await emmcBytes(board, 1, one.raw.length)).equals(one.raw)).toBe(true);
    expect((await emmcBytes(board, 4, two.raw.length)).equals(two.raw)).toBe(true);
  });

  test("another client's running transfer is refused to be killed", async () => {
    await using fixture = await startBoard({ clock: { scale: 100, deadlineScale: 1 } });
    await fixture.board.startForeignTransfer(2);
    await expect(fixture.client().flashNode({ node: 1, image: rawImage(MB) })).rejects.toMatchObject({
      code: 'BMC_FLASH_BUSY',
      details: { process: 'Node 2 os install service' },
    });
    expect(fixture.board.transferStatus).toContain('Transferring');
  });

  test('an abort ends the transfer, switches the node off and passes its reason through', async () => {
    await using fixture = await startBoard({ emmcBytesPerSecond: 2 * MB });
    const abort = new AbortController();
    const flashing = patient(fixture).flashNode({
      node: 2,
      image: rawImage(8 * MB),
      signal: abort.signal,
      progress: ({ done = 0 }) => done > MB && abort.abort(new Error('stopped by the user')),
    });
    await expect(flashing).rejects.toThrow('stopped by the user');
    expect(fixture.board.nodes[1]!.powered).toBe(false);
    expect(fixture.board.transferStatus).toBe('{"Error":"cancelled by user"}');
    expect(await fixture.client().usb.get()).toMatchObject({ mode: 'device', route: 'port' });
  });

  test('an abort frees the board also while its eMMC takes nothing and the network is full', async () => {
    await using fixture = await startBoard({ faults: { emmcStallAt: MB } });
    const { board } = fixture;
    const abort = new AbortController();
    let sent = 0;
    const flashing = patient(fixture).flashNode({
      node: 2,
      image: rawImage(48 * MB),
      signal: abort.signal,
      progress: ({ done = 0 }) => (sent = done),
    });
    await standstill(() => sent);
    expect(board.transferStatus).toContain('Transferring');
    abort.abort(new Error('stopped by the user'));
    await expect(flashing).rejects.toThrow('stopped by the user');
    expect(board.transferStatus).toBe('{"Error":"cancelled by user"}');
    expect(board.nodes[1]!.powered).toBe(false);
    expect(await fixture.client().usb.get()).toMatchObject({ mode: 'device', route: 'port' });
  });

  test('a module that is not found leaves nothing on, and is tried twice', async () => {
    await using fixture = await startBoard({ faults: { bringUp: 'not-found' } });
    const flashing = fixture.client().flashNode({ node: 4, image: rawImage(MB) });
    await expect(flashing).rejects.toMatchObject({
      code: 'BMC_FLASH_MODULE_NOT_FOUND',
      details: { node: 4, nodeOff: true, usbRestored: true },
    });
    expect(fixture.board.nodes[3]!.powered).toBe(false);
    expect(fixture.board.accessLog.filter(({ target }) => target.includes('type=flash&node=3'))).toHaveLength(
      2,
    );
  });

  test('a stored flash mode is taken back, since it would keep the node from booting', async () => {
    await using fixture = await startBoard();
    const client = fixture.client();
    await client.usb.set({ node: 2, mode: 'flash', route: 'port' });
    const { remarks } = await client.flashNode({ node: 2, image: rawImage(MB) });
    expect(remarks).toEqual([expect.stringContaining('USB mode of node 2 was flash')]);
    expect(await client.usb.get()).toMatchObject({ node: 2, mode: 'device' });
  });

  test('node 1 behind the USB-A port is led to the BMC for the flash, and back', async () => {
    await using fixture = await startBoard();
    const client = fixture.client();
    await client.usb.setNode1UsesPort(true);
    await client.flashNode({ node: 1, image: rawImage(MB) });
    expect(await client.usb.node1UsesPort()).toBe(true);
  });

  test('an image on the microSD card of the BMC, and one it downloads, are flashed with nothing sent', async () => {
    await using fixture = await startBoard();
    const client = fixture.client();
    const [card, web] = [xzImage(MB), xzImage(MB)];
    await writeFile(path.join(fixture.board.sdCardDir, 'image.img.xz'), card.sent);
    const fromCard = { from: 'bmc-file', path: '/mnt/sdcard/image.img.xz' } as const;
    await expect(client.flashNode({ node: 2, image: fromCard })).resolves.toMatchObject({ bytesSent: 0 });
    expect((await emmcBytes(fixture.board, 2, MB)).equals(card.raw)).toBe(true);
    const server = createServer((_request, response) => response.end(web.sent));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/image.img.xz`;
      const sha256 = createHash('sha256').update(web.sent).digest('hex');
      await client.flashNode({ node: 3, image: { from: 'url', url, sha256 } });
      expect((await emmcBytes(fixture.board, 3, MB)).equals(web.raw)).toBe(true);
      const wrong = { from: 'url', url, sha256: '0'.repeat(64) } as const;
      await expect(client.flashNode({ node: 3, image: wrong, attempts: 1 })).rejects.toMatchObject({
        code: 'BMC_FLASH_CHECKSUM_MISMATCH',
        details: { restored: true },
      });
    } finally {
      server.close();
    }
  });

  test.each([
    ['bmcd-2.3.7', { from: 'bmc-file', path: '/mnt/sdcard/image.img.gz' }, 'BMC_FLASH_IMAGE_UNUSABLE'],
    ['bmcd-2.3.7', { from: 'bmc-file', path: '/mnt/sdcard/IMAGE.IMG.XZ' }, 'BMC_FLASH_IMAGE_UNUSABLE'],
    [
      'bmcd-2.3.7',
      { from: 'url', url: 'http://127.0.0.1:1/image.zip?x=.xz', sha256: 'ab' },
      'BMC_FLASH_IMAGE_UNUSABLE',
    ],
    ['bmcd-2.0.5', { from: 'bmc-file', path: '/mnt/sdcard/image.img.xz' }, 'BMC_NOT_SUPPORTED'],
  ] as const)(
    '%s: what the BMC would write as it is, compressed, is refused: %j',
    async (profile, image, code) => {
      await using fixture = await startBoard({ profile });
      await expect(fixture.client().flashNode({ node: 1, image })).rejects.toMatchObject({ code });
      expect(fixture.board.accessLog.some(({ target }) => target.includes('set&type=flash'))).toBe(false);
    },
  );

  test('the read-back is left out only when asked for, by the bare key', async () => {
    await using fixture = await startBoard({ faults: { corruptEmmcAt: 1000 } });
    const flash = (skipReadback: boolean) =>
      fixture.client().flashNode({ node: 1, image: rawImage(MB), skipReadback, attempts: 1 });
    await expect(flash(false)).rejects.toMatchObject({ code: 'BMC_FLASH_READBACK_MISMATCH' });
    await flash(true);
    const [without, with_] = fixture.board.accessLog
      .map(({ target }) => target)
      .filter((target) => target.includes('set&type=flash'));
    expect(without).not.toContain('skip_crc');
    expect(with_).toMatch(/&skip_crc(&|$)/);
  });

  test('nothing else is asked of the BMC while an upload runs; what is asked then waits and does not end it', async () => {
    await using fixture = await startBoard({ networkBytesPerSecond: 8 * MB });
    const client = fixture.client();
    const others: Promise<unknown>[] = [];
    let [began, allSent] = [0, 0];
    const image = rawImage(8 * MB);
    await client.flashNode({
      node: 2,
      image,
      progress: ({ activity, done = 0 }) => {
        if (activity !== 'upload') return;
        if (done > 0) began ||= Date.now();
        if (done === image.raw.length) allSent ||= Date.now();
        else if (done > MB && others.length === 0) others.push(client.power.get(), client.transfer.status());
      },
    });
    const during = fixture.board.accessLog.filter(({ at }) => at.getTime() > began && at.getTime() < allSent);
    expect(allSent - began).toBeGreaterThan(100);
    expect(during.map(({ target }) => target)).toEqual([]);
    await expect(Promise.all(others)).resolves.toHaveLength(2);
    expect((await emmcBytes(fixture.board, 2, image.raw.length)).equals(image.raw)).toBe(true);
  });

  test('all calls share one connection; that of an upload is opened for it and never in advance', async () => {
    await using fixture = await startBoard();
    const { https } = fixture.board;
    const openedAt: number[] = [];
    const proxy = createTcpServer((socket) => {
      openedAt.push(Date.now());
      const onward = connect(https.port, https.host);
      for (const end of [socket, onward]) end.on('error', () => undefined);
      socket.pipe(onward).pipe(socket);
      socket.on('close', () => onward.destroy());
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    try {
      const { port } = proxy.address() as AddressInfo;
      const client = fixture.client({ endpoint: { host: '127.0.0.1', port, httpPort: 1 } });
      await client.flashNode({ node: 2, image: rawImage(MB) });
      const start = fixture.board.accessLog.find(({ target }) => target.includes('set&type=flash'));
      expect(openedAt).toHaveLength(2);
      expect(openedAt[1]).toBeGreaterThanOrEqual(start!.at.getTime());
      await client[Symbol.asyncDispose]();
    } finally {
      proxy.close();
    }
  });

  test("firmware of the BMC is staged under the board's lock, and refused when it cannot fit", async () => {
    await using fixture = await startBoard();
    const bytes = imageBytes(MB);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    const firmware = { stream: Readable.from([bytes]), lengthBytes: bytes.length, sha256 };
    await fixture.client().stageFirmware({ firmware });
    expect(fixture.board.transferStatus).toContain('Done');
    const huge = { stream: Readable.from([]), lengthBytes: 60 * MB, sha256 };
    await expect(fixture.client().stageFirmware({ firmware: huge })).rejects.toMatchObject({
      code: 'BMC_FIRMWARE_FAILED',
    });
  });
});

/** A client for which nothing stands still for too long while a test runs: only an abort can end its flash. */
function patient(fixture: BoardFixture): ApprovingClient {
  return fixture.client({ flashTimings: { ...FAST.flashTimings, stallMs: 600_000 } });
}

/** Resolves when a number has grown and then stood still for half a second. */
async function standstill(count: () => number): Promise<void> {
  for (let [last, since] = [0, performance.now()]; last === 0 || performance.now() - since < 500;) {
    if (count() !== last) [last, since] = [count(), performance.now()];
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
