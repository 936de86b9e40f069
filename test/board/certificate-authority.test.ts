import { access, readdir } from 'node:fs/promises';
import path from 'node:path';
import { Secret } from '@turingpi/foundation';
import { CertificateAuthority } from '@turingpi/virtual-board';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type BoardFixture, emmcBytes, rawImage, startBoard } from './board-fixture.js';

const MB = 1 << 20;
const PASSWORD = 'correct horse battery';
const NAME = 'bmc.example';
const credentials = { username: 'root', password: new Secret(PASSWORD) };

let authority: CertificateAuthority;
let fixture: BoardFixture;
beforeEach(async () => {
  authority = await CertificateAuthority.create();
  fixture = await startBoard({ profile: 'hive-2.38', password: PASSWORD });
});
afterEach(() => fixture[Symbol.asyncDispose]());

const trusting = (pins: Parameters<BoardFixture['client']>[0] = {}) =>
  fixture.client({ credentials, pins: { certificateAuthority: authority.certificate, ...pins.pins } });

describe('a board whose certificate an authority has issued', () => {
  test('is known by that, through every renewal with a new key, and by one lock and journal', async () => {
    await fixture.board.installCertificate(await authority.issue(['127.0.0.1']));
    const client = trusting();
    const before = await client.identity();
    await fixture.board.installCertificate(await authority.issue(['127.0.0.1']));
    const later = trusting();
    expect(await later.identity()).toEqual({ ...before, publicKeyPin: fixture.board.publicKeyPin });
    let second: Promise<void> | undefined;
    await later.withBoard(async () => {
      const waits = new Promise<string>((onWait) => {
        second = trusting().withBoard(() => Promise.resolve(), { onWait });
      });
      expect(await waits).toContain('waiting for another flash on this board');
    }, {});
    await second;
    expect(await readdir(path.join(fixture.dir, 'cache'))).not.toContain('trusted-boards.json');
    await expect(access(path.join(fixture.dir, 'config'))).rejects.toMatchObject({ code: 'ENOENT' });
  });

  test('may have a name instead of an address', async () => {
    await fixture.board.installCertificate(await authority.issue([NAME]));
    await trusting({ pins: { certificateName: NAME } }).login();
    await expect(trusting().power.get()).rejects.toMatchObject({ code: 'BMC_UNTRUSTED' });
  });

  test.each([
    ['address', '127.0.0.1', {}],
    ['name', NAME, { certificateName: NAME }],
  ])('renews it in the middle of a flash, which goes on by its %s', async (_by, name, pins) => {
    await using slow = await startBoard({ profile: 'hive-2.38', password: PASSWORD, emmcBytesPerSecond: MB });
    const { board } = slow;
    await board.installCertificate(await authority.issue([name]));
    const client = slow.client({
      credentials,
      pins: { certificateAuthority: authority.certificate, ...pins },
    });
    const image = rawImage(4 * MB);
    const key = board.publicKeyPin;
    let renewed: Promise<void> | undefined;
    const renew = async () => {
      await board.installCertificate(await authority.issue([name]));
      board.cutConnections(); // what is open keeps the old one
    };
    const result = await client.flashNode({
      node: 2,
      image,
      progress: ({ activity, done }) => {
        if (activity === 'write' && done !== 0) renewed ??= renew();
      },
    });
    expect(renewed).toBeDefined();
    expect(board.publicKeyPin).not.toBe(key);
    expect(result.followed).toBe(false);
    expect((await emmcBytes(board, 2, image.raw.length)).equals(image.raw)).toBe(true);
  });

  test('is named from the handshake alone while the API answers nobody', async () => {
    await fixture.board.installCertificate(await authority.issue(['127.0.0.1']));
    await trusting().identity();
    const release = await fixture.board.holdLock();
    const asked = fixture.board.accessLog.length;
    expect(await trusting().localTransfer()).toEqual({ holder: undefined, record: undefined });
    expect(fixture.board.accessLog).toHaveLength(asked);
    release();
  });

  test('and whose key is pinned as well must have both', async () => {
    await fixture.board.installCertificate(await authority.issue(['127.0.0.1']));
    const pins = { publicKeyPin: fixture.board.publicKeyPin };
    await trusting({ pins }).login();
    await fixture.board.installCertificate(await authority.issue(['127.0.0.1']));
    await expect(trusting({ pins }).power.get()).rejects.toMatchObject({ code: 'BMC_CERTIFICATE_CHANGED' });
  });
});

describe('is sent nothing: a board whose certificate', () => {
  test.each([
    ['another authority has issued', async () => (await CertificateAuthority.create()).issue(['127.0.0.1'])],
    ['was issued for another address', () => authority.issue(['192.0.2.1'])],
    ['has expired', () => authority.issue(['127.0.0.1'], { from: -90, to: -1 })],
    ['is not yet valid', () => authority.issue(['127.0.0.1'], { from: 1 })],
    ['it has made itself', undefined],
  ])('%s', async (_what, make) => {
    if (make) await fixture.board.installCertificate(await make());
    const client = trusting();
    await expect(client.power.get()).rejects.toMatchObject({
      code: 'BMC_UNTRUSTED',
      hint: expect.stringContaining('bmc.certificateAuthority') as string,
      details: { reason: expect.any(String) as string },
    });
    expect(fixture.board.accessLog).toEqual([]);
    // A key that was confirmed by hand is no way around what the configuration says.
    await client.trust(await client.presentedIdentity());
    await expect(trusting().power.get()).rejects.toMatchObject({ code: 'BMC_UNTRUSTED' });
  });

  test('no authority of this computer has issued, when only a name is given', async () => {
    await fixture.board.installCertificate(await authority.issue([NAME]));
    const named = fixture.client({ credentials, pins: { certificateName: NAME } });
    await expect(named.login()).rejects.toMatchObject({ code: 'BMC_UNTRUSTED' });
    expect(fixture.board.accessLog).toEqual([]);
  });
});
