import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { isSameBoard } from '@turingpi/bmc';
import { startVirtualBoard } from '@turingpi/virtual-board';
import { describe, expect, test } from 'vitest';
import { rawImage, startBoard } from './board-fixture.js';

const MB = 1 << 20;

describe('which board it is', () => {
  test.each(['bmcd-2.0.5', 'bmcd-2.3.4', 'bmcd-2.3.7'] as const)(
    'its MAC address says so on %s, and each board has its own',
    async (profile) => {
      await using one = await startBoard({ profile });
      await using other = await startBoard({ profile, mac: '02:00:00:00:00:07' });
      const [first, second] = [await one.client().identity(), await other.client().identity()];
      const mac = one.board.identity.addresses[0]!.mac;
      expect(first).toEqual({ id: `mac:${mac}`, mac, publicKeyPin: one.board.publicKeyPin });
      expect(second.id).toBe('mac:02:00:00:00:00:07');
      expect(isSameBoard(first, second)).toBe(false);
    },
  );

  test('one that tells nothing is named by its key', async () => {
    await using fixture = await startBoard({ identity: { addresses: [], mac: 'Unknown' } });
    const { publicKeyPin } = fixture.board;
    expect(await fixture.client().identity()).toEqual({ id: `key:${publicKeyPin}`, publicKeyPin });
  });

  test('a board that keeps its directory stays the same board', async () => {
    await using fixture = await startBoard();
    const dir = path.join(fixture.dir, 'kept');
    const first = await startVirtualBoard({ dir });
    await first[Symbol.asyncDispose]();
    await using again = await startVirtualBoard({ dir });
    expect(again.identity).toEqual(first.identity);
  });

  test('what it told is kept with its key, and is never asked of one that is not trusted', async () => {
    await using fixture = await startBoard();
    const client = fixture.client({ pins: {} });
    await expect(client.identity()).rejects.toMatchObject({ code: 'BMC_UNTRUSTED' });
    expect(await client.trustedBoard()).toBeUndefined();
    await client.trust(await client.presentedIdentity());
    const { mac } = await client.identity();
    expect(await client.trustedBoard()).toMatchObject({ publicKeyPin: fixture.board.publicKeyPin, mac });
  });
});

describe('a board that makes itself a new certificate', () => {
  test('is sent nothing until it is trusted again, which says what was known about it and changes nothing else', async () => {
    await using fixture = await startBoard();
    const first = fixture.client({ pins: {} });
    await first.trust(await first.presentedIdentity());
    const before = await first.identity();
    await first.flashNode({ node: 1, image: rawImage(MB) });
    await fixture.board.reissueCertificate();
    const asked = fixture.board.accessLog.length;

    const client = fixture.client({ pins: {} });
    await expect(client.identity()).rejects.toMatchObject({
      code: 'BMC_CERTIFICATE_CHANGED',
      message: expect.stringContaining(before.mac!) as string,
    });
    expect(fixture.board.accessLog).toHaveLength(asked);
    await client.trust(await client.presentedIdentity());
    const after = await client.identity();
    expect(after).toEqual({ ...before, publicKeyPin: fixture.board.publicKeyPin });
    await client.flashNode({ node: 2, image: rawImage(MB) });
    const files = await readdir(path.join(fixture.dir, 'locks'));
    expect(files.filter((file) => file.includes('bmc-'))).toEqual([]);
  });

  test('has one lock, before and after', async () => {
    await using fixture = await startBoard();
    const first = fixture.client({ pins: {} });
    await first.trust(await first.presentedIdentity());
    let second: Promise<void> | undefined;
    await first.withBoard(async () => {
      await fixture.board.reissueCertificate();
      const client = fixture.client({ pins: {} });
      await client.trust(await client.presentedIdentity());
      const waits = new Promise<string>((onWait) => {
        second = client.withBoard(() => Promise.resolve(), { onWait });
      });
      expect(await waits).toContain('waiting for another flash on this board');
    }, {});
    await second;
  });
});
