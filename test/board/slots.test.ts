import { Writable } from 'node:stream';
import type { HttpsBmcClient } from '@turingpi/bmc';
import { approveErasure, type NodeId, NODE_IDS, withNamedNodes } from '@turingpi/foundation';
import { describe, expect, test } from 'vitest';
import { emmcBytes, rawImage, startBoard } from './board-fixture.js';

const MB = 1 << 20;

/** What a call for node 3 must say on the wire, and nothing about another slot. */
const CALLS: readonly (readonly [string, string, (client: HttpsBmcClient) => Promise<unknown>])[] = [
  ['power on', 'type=power&node3=1', (c) => c.power.on(3)],
  ['power off', 'type=power&node3=0', (c) => c.power.off(3)],
  ['power of several', 'type=power&node2=0&node3=1', (c) => c.power.set({ 3: true, 2: false })],
  ['reset', 'type=reset&node=2', (c) => c.power.reset(3)],
  ['USB mode', 'type=usb&node=2&mode=1', (c) => c.usb.set({ node: 3, mode: 'device', route: 'port' })],
  [
    'USB mode to the BMC',
    'type=usb&node=2&mode=6',
    (c) => c.usb.set({ node: 3, mode: 'flash', route: 'bmc' }),
  ],
  ['USB-boot pin', 'type=usb_boot&node=2', (c) => c.usb.raiseBootPin(3)],
  ['storage', 'type=node_to_msd&node=2', (c) => c.usb.exposeStorage(3)],
  ['console read', 'type=uart&node=2', (c) => c.console.read(3)],
  ['console line', 'type=uart&node=2&cmd=ls', (c) => c.console.send(3, 'ls')],
  [
    'flash',
    'type=flash&node=2&file=image.img&length=5&sha256=ab',
    async (c) => {
      await approveErasure({ node: 3 }).begin({ node: 3, disk: 'emmc' });
      await c.transfer.startFlash(3, { from: 'upload', name: 'image.img', lengthBytes: 5, sha256: 'ab' });
    },
  ],
];

describe('a call for node 3 touches slot 3 only', () => {
  test.each(CALLS)('%s', async (_name, wire, call) => {
    await using fixture = await startBoard();
    const client = fixture.client();
    await client.login();
    fixture.board.clearPinLog();
    await call(client);
    expect(fixture.board.accessLog.at(-1)!.target).toContain(wire);
    // What is done to the pins of other slots, beyond lowering boot pins as the daemon does for all of them.
    const foreign = fixture.board.pinLog.filter(
      (line) => /node ?[124]\b/i.test(line) && !/usb_boot node\d 0/.test(line),
    );
    expect(foreign).toEqual(_name === 'power of several' ? [expect.stringContaining('node2 0')] : []);
  });

  test('every slot: power, console and storage are its own', async () => {
    await using fixture = await startBoard();
    const client = fixture.client();
    for (const id of NODE_IDS) fixture.board.printConsole(id, `I am slot ${id}\r\n`);
    for (const id of NODE_IDS) {
      await client.power.on(id);
      expect(fixture.board.nodes.map(({ powered }) => powered)).toEqual(NODE_IDS.map((other) => other <= id));
      expect(await client.console.read(id)).toBe(`I am slot ${id}\r\n`);
    }
    expect(Object.values(await client.power.get())).toEqual(['on', 'on', 'on', 'on']);
    await withNamedNodes(NODE_IDS, 'test', () =>
      client.power.set({ 1: false, 2: false, 3: false, 4: false }),
    );
    const images = new Map<NodeId, Buffer>();
    for (const id of NODE_IDS) {
      const image = rawImage(MB);
      images.set(id, image.raw);
      await client.flashNode({ node: id, image });
    }
    for (const id of NODE_IDS)
      expect((await emmcBytes(fixture.board, id, MB)).equals(images.get(id)!)).toBe(true);
  });

  test('node info is read and written by slot', async () => {
    await using fixture = await startBoard();
    const client = fixture.client();
    await client.board.setNodeNotes({ 3: { name: 'web', moduleName: 'RK1' } });
    const notes = await client.board.nodeNotes();
    expect(notes[3]).toMatchObject({ name: 'web', moduleName: 'RK1' });
    expect(notes[2].name).toBeUndefined();
  });
});

describe('what the board tells about itself', () => {
  test.each(['bmcd-2.0.5', 'bmcd-2.3.4', 'bmcd-2.3.7'] as const)('%s', async (profile) => {
    await using fixture = await startBoard({ profile });
    const client = fixture.client();
    const capabilities = await client.capabilities();
    expect(capabilities).toMatchObject({ bmcdVersion: profile.slice(5), profile: profile.slice(5) });
    const modern = profile !== 'bmcd-2.0.5';
    expect(capabilities.decodesXz).toBe(modern);
    const about = await client.board.about();
    expect(about.api).toBe('1.1');
    expect(JSON.stringify(about)).not.toMatch(/\\u0000|\uFFFD/);
    expect((await client.board.info()).storage.map(({ name }) => name)).toContain('BMC');
    expect((await client.usb.get()).bus).toBe(modern ? 'hub' : undefined);
    await expect(client.board.publicInfo()).resolves.toMatchObject({ api: '1.1' });
    if (modern) expect(await client.console.status()).toHaveLength(4);
    else {
      await expect(client.cooling.get()).rejects.toMatchObject({ code: 'BMC_NOT_SUPPORTED' });
      await expect(client.board.nodeNotes()).rejects.toMatchObject({ code: 'BMC_NOT_SUPPORTED' });
      await expect(client.console.status()).rejects.toMatchObject({ code: 'BMC_NOT_SUPPORTED' });
    }
  });

  test('refusals have codes', async () => {
    await using fixture = await startBoard();
    const client = fixture.client();
    await expect(client.usb.set({ node: 1, mode: 'host', route: 'port' })).rejects.toMatchObject({
      code: 'BMC_USB_HOST_UNSUPPORTED',
    });
    await expect(client.cooling.set('nothing', 1)).rejects.toMatchObject({ code: 'BMC_COOLING_REFUSED' });
    await expect(
      client.transfer.startFlash(1, { from: 'bmc-file', path: '/mnt/sdcard/none.img' }),
    ).rejects.toMatchObject({
      code: 'BMC_FLASH_FILE_UNUSABLE',
    });
    const name = (name: string) =>
      client.transfer.startFlash(1, { from: 'upload', name, lengthBytes: 1, sha256: 'ab' });
    for (const bad of ['httpd.img', 'a b.img', '$(reboot).img', '../x', '']) {
      await expect(async () => name(bad)).rejects.toMatchObject({ code: 'BMC_FLASH_IMAGE_UNUSABLE' });
    }
    await using old = await startBoard({ boardRevision: 'v2.4' });
    await expect(old.client().usb.setNode1UsesPort(true)).rejects.toMatchObject({
      code: 'BMC_NOT_SUPPORTED',
    });
    expect((await old.client().usb.get()).bus).toBe('single');
  });

  test('versions come without the padding and quotes that the board stores them with', async () => {
    await using fixture = await startBoard();
    const { buildroot, version, ip, mac } = await fixture.client().board.other();
    expect([buildroot, version, ip, mac].join('')).not.toMatch(/["\s]{2}|"|\0|Unknown/);
    expect(buildroot).toBe('Turing Pi v2.2.0');
  });

  test('the microSD card in bytes, or that there is none', async () => {
    await using fixture = await startBoard({ identity: { sdCard: { totalBytes: 64e9, freeBytes: 60e9 } } });
    expect(await fixture.client().board.sdCard()).toEqual({
      totalBytes: 64e9,
      usedBytes: 4e9,
      freeBytes: 60e9,
    });
    await using empty = await startBoard();
    await expect(empty.client().board.sdCard()).rejects.toMatchObject({ code: 'BMC_SDCARD_UNAVAILABLE' });
  });

  test('network and reboot: one request each, and never into the recovery that strands a board', async () => {
    await using fixture = await startBoard({ simulateRestarts: false });
    const client = fixture.client();
    await client.board.resetNetwork();
    await client.board.reboot();
    expect(fixture.board.accessLog.slice(-2).map(({ target }) => target)).toEqual([
      '/api/bmc?opt=set&type=network&cmd=reset',
      '/api/bmc?opt=set&type=reboot',
    ]);
  });

  test('boot pins are lowered, and a transfer is cancelled, whoever began it', async () => {
    await using fixture = await startBoard();
    const client = fixture.client();
    await client.usb.raiseBootPin(3);
    await client.usb.clearBootPins();
    expect(fixture.board.pinLog.findLast((line) => line.includes('usb_boot node3'))).toMatch(/ 0$/);
    await fixture.board.startForeignTransfer(2);
    await client.transfer.cancel();
    expect(await client.transfer.status()).toMatchObject({ state: 'error', text: 'cancelled by user' });
  });

  test('the backup arrives whole', async () => {
    await using fixture = await startBoard();
    const chunks: Buffer[] = [];
    const sink = new Writable({
      write: (chunk: Buffer, _encoding, done) => {
        chunks.push(chunk);
        done();
      },
    });
    await fixture.client().board.backup(sink);
    expect(Buffer.concat(chunks).subarray(0, 2)).toEqual(Buffer.from([0x1f, 0x8b]));
  });

  test('a reload of the daemon is survived', async () => {
    await using fixture = await startBoard();
    const client = fixture.client();
    await client.board.reload();
    await expect.poll(() => client.power.get().catch(() => undefined)).toMatchObject({ 1: 'off' });
  });
});

describe('following a console', () => {
  test.each(['bmcd-2.0.5', 'bmcd-2.3.7'] as const)(
    '%s: what is printed from now on, once',
    async (profile) => {
      await using fixture = await startBoard({ profile });
      fixture.board.printConsole(2, 'printed long ago\r\n');
      const stop = new AbortController();
      const console = fixture.client().followConsole(2, { signal: stop.signal });
      let text = '';
      let line = 0;
      const printing = setInterval(() => {
        fixture.board.printConsole(2, `line ${line++} of node 2\r\n`);
        fixture.board.printConsole(3, 'another node\r\n');
        if (line > 30) clearInterval(printing);
      }, 20);
      for await (const piece of console) {
        text += piece;
        if (text.includes('line 30')) stop.abort();
      }
      clearInterval(printing);
      expect(text).not.toContain('long ago');
      expect(text).not.toContain('another');
      const numbers = [...text.matchAll(/line (\d+) of/g)].map(([, n]) => Number(n));
      expect(numbers.at(-1)).toBe(30);
      expect(numbers).toEqual(Array.from({ length: numbers.length }, (_, i) => numbers[0]! + i));
    },
  );
});
