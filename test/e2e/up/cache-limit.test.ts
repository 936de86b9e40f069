import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { createTuringPi } from '@turingpi/core';
import { Node1 } from '@turingpi/foundation';
import rk1 from '@turingpi/board-rk1';
import ubuntu, { ubuntuImage } from '@turingpi/os-ubuntu';
import { baseImagePath } from '@turingpi/virtual-node';
import { expect, it } from 'vitest';

it('brings the cache to its limit after a run; what the run made and used stays', async () => {
  const cacheDir = await mkdtemp(path.join(os.tmpdir(), 'turingpi-cache-limit-'));
  const image = await readFile(baseImagePath('rk1-ubuntu.img.xz'));
  const sha256 = createHash('sha256').update(image).digest('hex');
  let requests = 0;
  const server = createServer((_, response) => {
    requests += 1;
    response.end(image);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    const downloads = path.join(cacheDir, 'downloads');
    const old = path.join(downloads, `${'a'.repeat(64)}.img.xz`);
    const plant = async () => {
      await mkdir(downloads, { recursive: true });
      await writeFile(old, 'of an earlier run');
      await utimes(old, new Date(0), new Date(0));
    };
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/ubuntu.img.xz`;
    const cluster = await createTuringPi({
      ip: '127.0.0.1',
      cacheDir,
      cacheMaxSize: 0,
      network: { gateway: '192.168.1.1' },
      node1: { ip: '192.168.1.101', board: 'rk1', hostname: 'limited' },
      plugins: [ubuntu, rk1],
    });
    const provision = cluster.run(async (context) => {
      await ubuntuImage().withBaseImage({ url, sha256 }).run(context);
    });
    for (let run = 0; run < 2; run += 1) {
      await plant();
      await provision(Node1);
      expect((await readdir(downloads)).sort()).toEqual([`${sha256}.img.xz`, `${sha256}.json`]);
      expect(await readdir(cacheDir)).toContain('limited.img.xz');
    }
    expect(requests, 'the second run needed nothing again').toBe(1);
  } finally {
    server.close();
    await rm(cacheDir, { recursive: true, force: true });
  }
});
