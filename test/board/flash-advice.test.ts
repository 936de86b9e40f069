import { createHash } from 'node:crypto';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, test } from 'vitest';
import { type BoardFixture, FAST, rawImage, startBoard } from './board-fixture.js';

const MB = 1 << 20;

/** Serves an image over HTTP for as long as the test runs. */
async function serve(listener: RequestListener): Promise<AsyncDisposable & { readonly url: string }> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/image.img`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}

const startsOf = ({ board }: BoardFixture): number =>
  board.accessLog.filter(({ target }) => target.includes('set&type=flash')).length;

describe('what the error of a failed flash advises', () => {
  test('a server that stops sending is no defective module', async () => {
    const image = rawImage(2 * MB);
    const sha256 = createHash('sha256').update(image.raw).digest('hex');
    await using server = await serve((_request, response) => {
      response.setHeader('Content-Length', image.raw.length);
      response.write(image.raw.subarray(0, MB)); // and never the rest
    });
    await using fixture = await startBoard();
    const client = fixture.client({ flashTimings: { ...FAST.flashTimings, stallMs: 1000 } });
    const flashing = client.flashNode({ node: 2, image: { from: 'url', url: server.url, sha256 } });
    await expect(flashing).rejects.toMatchObject({
      code: 'BMC_FLASH_STALLED',
      hint: expect.stringContaining('The server that the BMC downloads from') as string,
      details: { nodeOff: true, usbRestored: true },
    });
    await expect(flashing).rejects.not.toMatchObject({
      hint: expect.stringContaining('defective') as string,
    });
  });

  test('a module that takes nothing any more may be defective', async () => {
    await using fixture = await startBoard({ faults: { emmcStallAt: MB } });
    const client = fixture.client({
      flashTimings: { ...FAST.flashTimings, stallMs: 1500, flushStallMs: 1500 },
    });
    await expect(client.flashNode({ node: 2, image: rawImage(1.5 * MB) })).rejects.toMatchObject({
      code: 'BMC_FLASH_STALLED',
      hint: expect.stringContaining('defective') as string,
    });
  });

  test('a wrong digest of what lies at an address is not tried twice, a damaged upload is', async () => {
    const image = rawImage(MB);
    await using server = await serve((_request, response) => response.end(image.raw));
    await using fixture = await startBoard();
    const wrong = { from: 'url', url: server.url, sha256: '0'.repeat(64) } as const;
    await expect(fixture.client().flashNode({ node: 2, image: wrong })).rejects.toMatchObject({
      code: 'BMC_FLASH_CHECKSUM_MISMATCH',
      details: { restored: true },
    });
    expect(startsOf(fixture)).toBe(1);
    const damaged = {
      ...image,
      open: async (...how: Parameters<typeof image.open>) => ({
        ...(await image.open(...how)),
        sha256: '0'.repeat(64),
      }),
    };
    await expect(fixture.client().flashNode({ node: 2, image: damaged })).rejects.toMatchObject({
      code: 'BMC_FLASH_CHECKSUM_MISMATCH',
    });
    expect(startsOf(fixture)).toBe(3);
  });

  test('a disk that vanishes is the storage of the module, not a file that somebody named', async () => {
    await using fixture = await startBoard({ faults: { emmcVanishes: true } });
    const flashing = fixture.client().flashNode({ node: 2, image: rawImage(MB), attempts: 1 });
    await expect(flashing).rejects.toMatchObject({
      code: 'BMC_FLASH_IO_ERROR',
      hint: expect.stringContaining('The disk of the module went away') as string,
      details: { nodeOff: true, usbRestored: true },
    });
    await expect(flashing).rejects.not.toMatchObject({ hint: expect.stringContaining('path') as string });
    const missing = { from: 'bmc-file', path: '/mnt/sdcard/absent.img' } as const;
    await expect(fixture.client().flashNode({ node: 2, image: missing })).rejects.toMatchObject({
      code: 'BMC_FLASH_FILE_UNUSABLE',
    });
  });
});
