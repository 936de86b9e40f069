import { Secret } from '@turingpi/foundation';
import { describe, expect, test } from 'vitest';
import { emmcBytes, installedEmmcs, PromptMachine, rawImage, startBoard } from './board-fixture.js';

const MB = 1 << 20;
const PASSWORD = 'correct horse battery';
const OWN = { credentials: { username: 'root', password: new Secret(PASSWORD) } };
const FORK = { profile: 'hive-2.38', password: PASSWORD } as const;
const CM4 = [{ board: 'cm4' }, { board: 'cm4' }, { board: 'cm4' }, { board: 'cm4' }] as const;
const KEEP = { otherNodes: 'keep', attempts: 1 } as const;

const withSystems = {
  prepareDir: (dir: string) => installedEmmcs(dir, [1, 2, 3, 4]),
  createMachine: (options: ConstructorParameters<typeof PromptMachine>[0]) =>
    Promise.resolve(new PromptMachine(options)),
};

describe('firmware that looks at the port of the slot', () => {
  test('writes the target although another module was in USB boot first', async () => {
    await using fixture = await startBoard({ ...FORK, ...withSystems });
    await fixture.board.enterUsbBoot(1);
    const image = rawImage(MB);
    await fixture.client(OWN).flashNode({ node: 2, image, ...KEEP });
    expect((await emmcBytes(fixture.board, 2, MB)).equals(image.raw)).toBe(true);
    expect((await emmcBytes(fixture.board, 1, 64)).toString('latin1')).toBe('what node 1 holds');
  });

  test('proves the target only together with our own look at the others', async () => {
    await using fixture = await startBoard({ ...FORK, ...withSystems });
    const client = fixture.client(OWN);
    expect(await client.flashNode({ node: 2, image: rawImage(MB) })).toMatchObject({ targetProven: true });
    const kept = await client.flashNode({ node: 2, image: rawImage(MB), ...KEEP });
    expect(kept.targetProven).toBe(false);
  });

  test('is not trusted with a silent module, since nobody has seen it hold: said as what it is', async () => {
    await using fixture = await startBoard({ ...FORK, ...withSystems });
    await fixture.board.enterUsbBoot(1);
    fixture.board.clearPinLog();
    await expect(fixture.client(OWN).flashNode({ node: 2, image: rawImage(MB) })).rejects.toMatchObject({
      code: 'BMC_FLASH_OTHER_NODES_ON',
      hint: expect.stringContaining('port of its own slot') as string,
    });
    expect(fixture.board.pinLog).toEqual([]);
  });

  test.each([
    ['an empty slot', {}, 'BMC_FLASH_MODULE_NOT_FOUND', /node 3 requested on 1\.3; nothing is in maskrom/],
    [
      'an empty slot beside a module in USB boot',
      { inUsbBoot: 1 },
      'BMC_FLASH_OTHER_PORT',
      /node 3 requested on 1\.3; found Rockusb on 2-1\.1 instead/,
    ],
    [
      'storage that never comes',
      { bringUp: 'no-block-device', slot: 'rk1' },
      'BMC_FLASH_STORAGE_NOT_FOUND',
      /no storage on 2-1\.3/,
    ],
    [
      'two disks on one port',
      { bringUp: 'several-devices', slot: 'rk1' },
      'BMC_FLASH_SEVERAL_MODULES',
      /2 storage devices on 2-1\.3: sda, sdb/,
    ],
  ] as const)('%s', async (_what, knobs: Knobs, code, text) => {
    const nodes = [{ board: 'rk1' }, { board: 'rk1' }, { board: knobs.slot }, { board: 'rk1' }] as const;
    await using fixture = await startBoard({ ...FORK, ...withSystems, nodes });
    if (knobs.inUsbBoot !== undefined) await fixture.board.enterUsbBoot(knobs.inUsbBoot);
    if (knobs.bringUp) fixture.board.setFaults({ bringUp: knobs.bringUp });
    const client = fixture.client(OWN);
    await expect(client.flashNode({ node: 3, image: rawImage(MB), ...KEEP })).rejects.toMatchObject({
      code,
      message: expect.stringMatching(text) as string,
      details: { nodeOff: true, usbRestored: true },
    });
  });

  test('gives a second CM4 the boot files of the first, and then writes none of them', async () => {
    await using fixture = await startBoard({ ...FORK, ...withSystems, nodes: CM4 });
    await fixture.board.enterUsbBoot(1);
    await expect(
      fixture.client(OWN).flashNode({ node: 2, image: rawImage(MB), ...KEEP }),
    ).rejects.toMatchObject({
      code: 'BMC_FLASH_STORAGE_NOT_FOUND',
      message: expect.stringContaining('sda is of the same kind on another port') as string,
    });
    for (const node of [1, 2] as const)
      expect((await emmcBytes(fixture.board, node, 64)).toString('latin1')).toBe(`what node ${node} holds`);
  });
});

interface Knobs {
  readonly slot?: 'rk1';
  readonly inUsbBoot?: 1;
  readonly bringUp?: 'no-block-device' | 'several-devices';
}

describe('firmware that refuses every RK1 on a hub', () => {
  const board = { profile: 'hive-2.29', ...withSystems } as const;

  test.each(['rk1', undefined] as const)('%s as the target: nothing is touched', async (module) => {
    await using fixture = await startBoard(board);
    const client = fixture.client();
    await fixture.board.enterUsbBoot(1); // a look at the others would be refused for it
    fixture.board.clearPinLog();
    await expect(
      client.flashNode({ node: 2, image: rawImage(MB), ...(module && { module }) }),
    ).rejects.toMatchObject({
      code: 'BMC_FLASH_FIRMWARE_FAULT',
      message: expect.stringContaining('2.29.0') as string,
    });
    expect(fixture.board.pinLog).toEqual([]);
    expect((await client.localTransfer()).record).toBeUndefined();
    expect(fixture.board.accessLog.filter(({ target }) => target.includes('opt=set'))).toEqual([]);
  });

  test('a CM4, and an RK1 on a board without a hub, are flashed', async () => {
    await using modules = await startBoard({ ...board, nodes: CM4 });
    await modules.client().flashNode({ node: 2, image: rawImage(MB), module: 'cm4' });
    await using single = await startBoard({ ...board, boardRevision: 'v2.4' });
    await single.client().flashNode({ node: 2, image: rawImage(MB), module: 'rk1' });
  });

  test('another program meets the text of the daemon', async () => {
    await using fixture = await startBoard(board);
    const flashing = fixture.client().flashNode({ node: 2, image: rawImage(MB), module: 'cm4', ...KEEP });
    await expect(flashing).rejects.toMatchObject({
      code: 'BMC_FLASH_OTHER_PORT',
      message: expect.stringContaining('node 2 requested on 1-1.2; found Rockusb on 2-1.2 instead') as string,
    });
  });
});
