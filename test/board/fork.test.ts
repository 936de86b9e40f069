import { diagnoseBoard, type Finding, identityOf } from '@turingpi/bmc';
import { Secret } from '@turingpi/foundation';
import { X509Certificate } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { emmcBytes, rawImage, startBoard } from './board-fixture.js';

const MB = 1 << 20;
const PASSWORD = 'correct horse battery';
const FORK = { profile: 'hive-2.38', password: PASSWORD } as const;
const login = (password: string) => ({ username: 'root', password: new Secret(password) });
const OWN = { credentials: login(PASSWORD) };
const QUICK = { busyMs: 300, patienceMs: 300 };
const codes = (findings: readonly Finding[]) => findings.map(({ code }) => code);
const wrong = (findings: readonly Finding[]) =>
  findings.filter(({ severity }) => severity === 'warning' || severity === 'error');

describe('the password of the factory', () => {
  test('bars every call by a name of its own, and is changed; the session stays open', async () => {
    await using fixture = await startBoard({ profile: 'hive-2.38' });
    const client = fixture.client();
    const calls: readonly ((one: typeof client) => Promise<unknown>)[] = [
      (one) => one.capabilities(),
      (one) => one.power.get(),
      (one) => one.identity(),
      (one) => one.console.read(1),
      (one) => one.console.status(),
      (one) => one.transfer.status(),
      (one) => one.flashNode({ node: 1, image: rawImage(MB) }),
    ];
    for (const call of calls)
      await expect(call(client)).rejects.toMatchObject({ code: 'BMC_FACTORY_PASSWORD' });
    expect(await client.access.get()).toEqual({ account: 'root', factoryPassword: true });
    await client.access.changePassword({
      username: 'root',
      current: new Secret('turing'),
      wanted: new Secret(PASSWORD),
    });
    expect(await client.power.get()).toMatchObject({ 1: 'off' });
    const logins = fixture.board.accessLog.filter(({ target }) => target.includes('authenticate'));
    expect(logins).toHaveLength(1);
    expect((await fixture.client(OWN).access.get()).factoryPassword).toBe(false);
  });

  test.each([
    ['too short', 'turing', 'elevenchars'],
    ['the one in use', PASSWORD, PASSWORD],
    ['not allowed by the current one', 'wrong-password', 'another long password'],
  ])('a new one that is %s is refused and nothing is changed', async (_what, current, wanted) => {
    await using fixture = await startBoard(FORK);
    const client = fixture.client(OWN);
    const change = { username: 'root', current: new Secret(current), wanted: new Secret(wanted) };
    await expect(client.access.changePassword(change)).rejects.toMatchObject({
      code: 'BMC_PASSWORD_REFUSED',
    });
    await fixture.client({ ...OWN, cacheDir: path.join(fixture.dir, 'other') }).login();
  });

  test.each(['bmcd-2.3.7', 'hive-2.29'] as const)('%s cannot change it over its API', async (profile) => {
    await using fixture = await startBoard({ profile });
    const change = { username: 'root', current: new Secret('turing'), wanted: new Secret(PASSWORD) };
    await expect(fixture.client().access.changePassword(change)).rejects.toMatchObject({
      code: 'BMC_NOT_SUPPORTED',
    });
  });
});

test('a ban is told with its end, which is that of the board', async () => {
  await using fixture = await startBoard(FORK);
  fixture.board.ban();
  const failure: unknown = await fixture
    .client(OWN)
    .power.get()
    .catch((cause: unknown) => cause);
  expect(failure).toMatchObject({ code: 'BMC_BANNED' });
  const until = Date.parse((failure as { details: { until: string } }).details.until);
  expect(until - Date.now()).toBeGreaterThan(50_000);
  expect(until - Date.now()).toBeLessThan(61_000);
});

describe('a board with firmware of the fork', () => {
  test.each(['hive-2.29', 'hive-2.38'] as const)(
    '%s is recognised, and flashed with proof',
    async (profile) => {
      await using fixture = await startBoard({ profile, password: PASSWORD, boardRevision: 'v2.4' });
      const client = fixture.client(OWN);
      const able = await client.capabilities();
      expect(able).toMatchObject({ profile: 'fork', decodesXz: true, currentUsbModes: true });
      const image = rawImage(3 * MB);
      await client.flashNode({ node: 2, image });
      expect((await emmcBytes(fixture.board, 2, image.raw.length)).equals(image.raw)).toBe(true);
      expect(wrong(await diagnoseBoard(client))).toEqual([]);
    },
  );

  test('power, USB and notes keep their shapes', async () => {
    await using fixture = await startBoard(FORK);
    const client = fixture.client(OWN);
    await client.power.on(3);
    expect((await client.power.get())[3]).toBe('on');
    await client.usb.set({ node: 2, mode: 'device', route: 'bmc' });
    expect(await client.usb.get()).toEqual({ node: 2, mode: 'device', route: 'bmc', bus: 'hub' });
    await client.board.setNodeNotes({ 1: { name: 'web' } });
    expect((await client.board.nodeNotes())[1].name).toBe('web');
    expect(await client.board.about()).toMatchObject({ boardSerial: fixture.board.identity.boardSerial });
  });

  test('it is known by its serial number, which a new certificate and a new address do not change', async () => {
    await using fixture = await startBoard({
      ...FORK,
      boardSerial: 'XZCT000000001',
      mac: '02:00:00:00:00:01',
    });
    const before = await fixture.client(OWN).identity();
    expect(before).toMatchObject({ id: 'serial:XZCT000000001', mac: '02:00:00:00:00:01' });
    await fixture.board.reissueCertificate();
    const after = await fixture
      .client({ ...OWN, pins: { publicKeyPin: fixture.board.publicKeyPin } })
      .identity();
    expect(after).toEqual({ ...before, publicKeyPin: fixture.board.publicKeyPin });
    expect(after.publicKeyPin).not.toBe(before.publicKeyPin);
  });

  test('its certificate is what the firmware makes: P-384, with its names, for 825 days', async () => {
    await using fixture = await startBoard(FORK);
    const parsed = new X509Certificate(fixture.board.certificate);
    expect(parsed.publicKey.asymmetricKeyDetails?.namedCurve).toBe('secp384r1');
    expect(parsed.subjectAltName).toContain('DNS:turingpi.local');
    expect(parsed.verify(parsed.publicKey)).toBe(true);
    expect(identityOf(parsed).publicKeyPin).toBe(fixture.board.publicKeyPin);
  });

  test('a speed of a fan is held, and let go of', async () => {
    await using fixture = await startBoard(FORK);
    const client = fixture.client(OWN);
    await client.cooling.set('system fan', 5);
    expect(await client.cooling.get()).toMatchObject([{ speed: 5, held: true }]);
    await client.cooling.release('system fan');
    expect(await client.cooling.get()).toMatchObject([{ speed: 3, held: false }]);
    await expect(client.cooling.set('system fan', 9)).rejects.toMatchObject({ code: 'BMC_COOLING_REFUSED' });
  });

  test('firmware that waits is told, not replaced unasked, and gone after a restart', async () => {
    await using fixture = await startBoard(FORK);
    const client = fixture.client(OWN);
    const image = rawImage(MB);
    const firmware = async () => ({ ...(await image.open('raw', new AbortController().signal)) });
    const name = 'tp2-bmc-firmware-ota-v2.43.0.tpu';
    await client.stageFirmware({ firmware: await firmware(), name });
    expect(await client.board.firmwareSlots()).toMatchObject({ running: 'v2.42.0', staged: 'v2.43.0' });
    await expect(client.stageFirmware({ firmware: await firmware() })).rejects.toMatchObject({
      code: 'BMC_FIRMWARE_STAGED',
      message: expect.stringContaining('v2.43.0') as string,
    });
    expect(codes(await diagnoseBoard(client))).toContain('BMC_FIRMWARE_STAGED');
    await client.stageFirmware({ firmware: await firmware(), name, replaceStaged: true });
    await fixture.board.restart('bmc');
    expect((await client.board.firmwareSlots()).isStaged).toBe(false);
  });

  test('files on its microSD card are listed, and only what it would decode is an image', async () => {
    const sdCard = { totalBytes: 32e9, freeBytes: 16e9 };
    await using fixture = await startBoard({ ...FORK, identity: { sdCard } });
    const client = fixture.client(OWN);
    await mkdir(path.join(fixture.board.sdCardDir, 'images'));
    const image = Buffer.alloc(16 * MB);
    await writeFile(path.join(fixture.board.sdCardDir, 'images', 'a.img'), image);
    await writeFile(path.join(fixture.board.sdCardDir, 'images', 'b.img.gz'), image);
    expect(await client.board.sdCardFiles()).toMatchObject([{ path: 'images', directory: true }]);
    expect(await client.board.sdCardFiles('images')).toMatchObject([
      { path: 'images/a.img', sizeBytes: 16 * MB, flashable: true },
      { name: 'b.img.gz', flashable: false },
    ]);
    await expect(client.board.sdCardFiles('../etc')).rejects.toMatchObject({ code: 'BMC_REQUEST_REFUSED' });
    await using without = await startBoard(FORK);
    await expect(without.client(OWN).board.sdCardFiles()).rejects.toMatchObject({
      code: 'BMC_SDCARD_UNAVAILABLE',
    });
  });

  test('a restart of its daemon leaves nodes that are on as they are', async () => {
    await using fixture = await startBoard(FORK);
    const client = fixture.client(OWN);
    await client.power.on(1);
    fixture.board.clearPinLog();
    await fixture.board.restart();
    expect(fixture.board.nodes[0]!.powered).toBe(true);
    expect((await client.capabilities()).keepsNodesOn).toBe(true);
  });
});

describe('doctor', () => {
  test('finds nothing wrong with it, and says which version it is when the login cannot be used', async () => {
    await using fixture = await startBoard(FORK);
    expect(wrong(await diagnoseBoard(fixture.client(OWN)))).toEqual([]);
    const without = await diagnoseBoard(
      fixture.client({
        credentials: { username: 'root', password: undefined },
        cacheDir: path.join(fixture.dir, 'other'),
      }),
    );
    expect(without).toContainEqual(
      expect.objectContaining({ code: 'BMC_FIRMWARE', message: expect.stringContaining('2.38.4') as string }),
    );
    expect(without.at(-1)).toMatchObject({ code: 'BMC_PASSWORD_MISSING' });
  });

  test('names the password of the factory, after the key and the login that work', async () => {
    await using fixture = await startBoard({ profile: 'hive-2.38' });
    expect(codes(await diagnoseBoard(fixture.client()))).toEqual([
      'BMC_ANSWERS',
      'BMC_KEY_TRUSTED',
      'BMC_LOGIN_WORKS',
      'BMC_FIRMWARE',
      'BMC_FACTORY_PASSWORD',
    ]);
  });

  test.each(['hive-2.38', 'pr258'] as const)(
    'an API that is held on %s is no daemon that hangs, whatever port 80 does',
    async (profile) => {
      await using fixture = await startBoard({ profile, password: PASSWORD });
      const client = fixture.client(OWN);
      await client.login();
      const release = await fixture.board.holdLock();
      expect(wrong(await diagnoseBoard(client, QUICK))).toMatchObject([{ code: 'BMC_API_HELD' }]);
      release();
    },
    30_000,
  );

  test('with port 80 dropped by a firewall, a board is as well as any', async () => {
    await using fixture = await startBoard({ profile: 'pr258' });
    const client = fixture.client();
    expect(wrong(await diagnoseBoard(client))).toEqual([]);
    expect((await client.capabilities()).profile).toBe('2.3.7');
  });

  test('firmware that refuses every RK1 on a hub is named', async () => {
    await using fixture = await startBoard({ profile: 'hive-2.29' });
    expect(codes(await diagnoseBoard(fixture.client()))).toContain('BMC_FIRMWARE_REFUSES_RK1');
    await using single = await startBoard({ profile: 'hive-2.29', boardRevision: 'v2.4' });
    expect(codes(await diagnoseBoard(single.client()))).not.toContain('BMC_FIRMWARE_REFUSES_RK1');
  });
});
