import { open, truncate } from 'node:fs/promises';
import path from 'node:path';
import { execa } from 'execa';
import { Node1 } from '@turingpi/foundation';
import { connectSsh } from '@turingpi/runtime';
import { inject, it } from 'vitest';
import { installOverNetwork } from './install-over-network.js';
import { showAtFailure } from './show-at-failure.js';

const NVME_BYTES = 2 * 1024 ** 3;
const SERIAL = 'TPNVME0001';
/** Of a partition table, and of its copy. */
const TABLE_BYTES = 33 * 512;
const BOOT_LOADER = 'first stage of the boot loader';
const { directory, images } = inject('bootImages');
const image = images?.['debian-arm64'];
const isShort = process.env['BOOTS'] === 'strongest';

async function oldSystem(file: string): Promise<void> {
  await execa('xz', ['--decompress', '--stdout'], {
    stdin: { file: image! },
    stdout: { file },
    buffer: false,
  });
  await truncate(file, NVME_BYTES);
}

const ORDERS = [
  {
    before: 'an older system that starts first',
    bootOrder: ['nvme0', 'virtio0'],
    // Switched on with the older system, with the installer, and with what was installed.
    starts: 3,
    told: 1,
  },
  {
    before: 'an eMMC that starts first',
    bootOrder: ['virtio0', 'nvme0'],
    starts: 2,
    told: 0,
  },
] as const;

it.skipIf(!image).for(isShort ? ORDERS.slice(0, 1) : ORDERS)(
  'a node with $before is installed to its NVMe, and starts what was installed',
  async ({ bootOrder, starts, told }, { expect, signal, onTestFailed }) => {
    const consoleFile = path.join(directory, `logs/arm64-nvme-${bootOrder[0]}-`);
    showAtFailure(onTestFailed, `${consoleFile}1.log`);
    await using installed = await installOverNetwork({
      nodes: [{ id: Node1, target: `nvme:${SERIAL}`, nvme: { serial: SERIAL, bootOrder, fill: oldSystem } }],
      ...{ baseImage: image!, consoleFile },
    });
    const [node] = installed.nodes;
    expect(node!.differences).toHaveLength(starts);
    expect(node!.differences[0]).not.toEqual([]);
    expect(node!.differences.at(-1)).toEqual([]);
    expect(installed.notes.filter((note) => note.includes('it is told to start the eMMC'))).toHaveLength(
      told,
    );
    const session = await connectSsh(node!.target, { signal, connectTimeoutMs: 60_000 });
    const root = await session.exec('findmnt -no SOURCE /', { signal });
    expect(root.stdout).toMatch(/^\/dev\/nvme0n1p/);
    await session[Symbol.asyncDispose]();
    await using emmc = await open(node!.emmc);
    const { size } = await emmc.stat();
    const read = async (position: number, length: number) =>
      (await emmc.read(Buffer.alloc(length), 0, length, position)).buffer;
    const none = Buffer.alloc(TABLE_BYTES);
    expect((await read(512, TABLE_BYTES)).equals(none)).toBe(true);
    expect((await read(size - TABLE_BYTES, TABLE_BYTES)).equals(none)).toBe(true);
    expect((await read(64 * 512, BOOT_LOADER.length)).toString()).toBe(BOOT_LOADER);
  },
);
