import { imageBuilderOf } from '@turingpi/provisioning';
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { Node1, Node2 } from '@turingpi/foundation';
import type { CustomizedImage } from '@turingpi/core';
import type { BaseImageSource } from '@turingpi/image';
import type { Context } from '@turingpi/core/plugin';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RK1_UBUNTU, TestCluster } from '../driver/test-cluster.fixture.js';

const IMAGE = await readFile(RK1_UBUNTU);
const SHA256 = createHash('sha256').update(IMAGE).digest('hex');

let test: TestCluster;
let server: Server;
let asked: string[];
beforeEach(async () => {
  test = await TestCluster.create();
  asked = [];
  server = createServer((request, response) => {
    asked.push(request.url ?? '');
    if (request.url === '/image.img.xz') response.end(IMAGE);
    else if (request.url === '/image.img.xz.sha256') response.end(`${SHA256}  image.img.xz\n`);
    else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterEach(async () => {
  await new Promise((resolve) => server.close(resolve));
  await test[Symbol.asyncDispose]();
});

const url = (path: string) =>
  `http://user:hunter2@127.0.0.1:${(server.address() as AddressInfo).port}${path}`;

async function build(source: BaseImageSource): Promise<CustomizedImage[]> {
  const cluster = await test.open({ node2: { ip: '192.168.1.102', board: 'rk1', hostname: 'node2' } });
  const images: CustomizedImage[] = [];
  const provision = cluster.run(async (context: Context) => {
    images.push(await imageBuilderOf('ubuntu').withBaseImage(source).run(context));
  });
  const outcomes = await Promise.allSettled([provision(Node1), provision(Node2)]); // none runs on when the test ends
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
  return images.sort((a, b) => a.hostname.localeCompare(b.hostname));
}

describe('a base image given by URL', () => {
  it('is downloaded once, also for several nodes; the next run skips; the state has no credentials', async () => {
    const source = { url: url('/image.img.xz'), sha256: SHA256 };
    const images = await build(source);
    expect(asked).toEqual(['/image.img.xz']);
    expect(await readdir(join(test.cacheDir, 'downloads'))).toContain(`${SHA256}.img.xz`);
    expect(await build(source)).toEqual(images);
    expect(asked).toHaveLength(1);
    const names = await readdir(test.cacheDir, { recursive: true });
    for (const name of names.filter((file) => /\.(json|log)$/.test(file)))
      expect(await readFile(join(test.cacheDir, name), 'utf8')).not.toContain('hunter2');
  });

  it('gives the same phase inputs as the file itself, so that nothing is done again', async () => {
    const images = await build({ url: url('/image.img.xz'), sha256Url: url('/image.img.xz.sha256') });
    expect(await build(RK1_UBUNTU)).toEqual(images);
  });

  it('fails the phase when it is not there', async () => {
    const source = { url: url('/none.img.xz'), sha256: SHA256 };
    await expect(build(source)).rejects.toMatchObject({ code: 'IMAGE_DOWNLOAD_REFUSED' });
  });
});
