import { open, readdir, readFile } from 'node:fs/promises';
import type { Server } from 'node:https';
import path from 'node:path';
import { Node1, Node2 } from '@turingpi/foundation';
import { ImageServer } from '@turingpi/install-network/served';
import { connectSsh, rebootNode } from '@turingpi/runtime';
import { inject, it, vi } from 'vitest';
import { installOverNetwork, type TrialNode } from './install-over-network.js';
import { showAtFailure } from './show-at-failure.js';

const SLOW = { connectTimeoutMs: 60_000 } as const;
const REBOOT = { timeoutMs: 900_000, ...SLOW } as const;
const SAMPLES = 20;
const SAMPLE_BYTES = 24;
/** In the midst of what a node pulls. */
const REQUESTS_BEFORE = 12;
const OUTAGE_MS = 20_000;
const { directory, images } = inject('bootImages');
const image = images?.['debian-arm64'];
const isShort = process.env['BOOTS'] === 'strongest';
/** Two on demand, one of them in a VLAN; one in every run. */
const NODES: readonly TrialNode[] = isShort ? [{ id: Node1 }] : [{ id: Node1 }, { id: Node2, vlan: 42 }];

it.skipIf(!image)(
  `nodes install themselves over the network although their server is gone for a while${isShort ? '' : ', and are there after a second reboot'}`,
  async ({ expect, signal, onTestFailed }) => {
    const consoleFile = path.join(directory, 'logs/arm64-network-');
    showAtFailure(onTestFailed, ...NODES.map(({ id }) => `${consoleFile}${id}.log`));
    const outages = withOutages();
    await using installed = await installOverNetwork({ nodes: NODES, baseImage: image!, consoleFile });
    expect(outages.count).toBe(NODES.length);
    expect(installed.nodes).toHaveLength(NODES.length);
    expect(installed.notes.filter((note) => note.includes('flashed through the BMC instead'))).toEqual([]);
    for (const { differences, ...node } of installed.nodes) {
      // Switched on twice: with the installer on the disk, and with all of the image.
      expect(differences).toEqual([[expect.any(String)], []]);
      const session = await connectSsh(node.target, { signal, ...SLOW });
      const address = await session.exec('ip -brief -4 address show scope global', { signal });
      expect(address.stdout.trim().split(/\s+/).slice(2)).toEqual([`${node.address}/24`]);
      expect((await session.exec('uname -m', { signal })).stdout.trim()).toBe('aarch64');
      const last = isShort ? session : await rebootNode(session, node.target, { signal, ...REBOOT });
      await last[Symbol.asyncDispose]();
      const bytes = await everythingIn(node.wire);
      expect(bytes.length).toBeGreaterThan(node.image.sizeBytes / 2); // what was pulled is in it
      const plain = [Buffer.from(installed.secret), ...(await samplesOf(node.image.path))];
      expect(plain.filter((piece) => bytes.includes(piece))).toEqual([]);
    }
  },
);

/** Each server is stopped, with all connections, in the midst of what its node pulls, and comes back after a while. */
function withOutages(): { count: number } {
  const outages = { count: 0 };
  const listen = ImageServer.listen.bind(ImageServer);
  vi.spyOn(ImageServer, 'listen').mockImplementation(async (options) => {
    const image = await listen(options);
    const server = Reflect.get(image, 'server') as Server; // as a process is killed: from outside
    const { port } = image;
    let requests = 0;
    server.on('request', () => {
      if (++requests !== REQUESTS_BEFORE) return;
      outages.count += 1;
      server.close();
      server.closeAllConnections();
      setTimeout(() => server.listen(port), OUTAGE_MS);
    });
    return image;
  });
  return outages;
}

async function everythingIn(folder: string): Promise<Buffer> {
  const files = await readdir(folder);
  return Buffer.concat(await Promise.all(files.map((name) => readFile(path.join(folder, name)))));
}

/** Pieces of a file as it would travel, if nothing hid it. */
async function samplesOf(file: string): Promise<Buffer[]> {
  await using handle = await open(file);
  const { size } = await handle.stat();
  const samples = Array.from({ length: SAMPLES }, async (_, index) => {
    const piece = Buffer.alloc(SAMPLE_BYTES);
    await handle.read(piece, 0, SAMPLE_BYTES, Math.floor((size * (index + 0.5)) / SAMPLES));
    return piece;
  });
  return await Promise.all(samples);
}
