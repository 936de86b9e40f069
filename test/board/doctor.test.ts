import { type DiagnosisOptions, diagnoseBoard, type Finding, repairBoard } from '@turingpi/bmc';
import { Secret } from '@turingpi/foundation';
import { expect, test } from 'vitest';
import { rawImage, startBoard } from './board-fixture.js';

const QUICK: DiagnosisOptions = { busyMs: 300, patienceMs: 300 };
const codes = (findings: readonly Finding[]) => findings.map(({ code }) => code);
const wrong = (findings: readonly Finding[]) =>
  findings.filter(({ severity }) => severity === 'warning' || severity === 'error');

test('nothing is wrong with a new board', async () => {
  await using fixture = await startBoard();
  const findings = await diagnoseBoard(fixture.client());
  expect(wrong(findings)).toEqual([]);
  expect(codes(findings)).toEqual([
    'BMC_ANSWERS',
    'BMC_KEY_TRUSTED',
    'BMC_LOGIN_WORKS',
    'BMC_FIRMWARE',
    'BMC_TRANSFER_NONE',
    'BMC_USB_MODE',
    'BMC_CLOCK',
    'BMC_SDCARD_ABSENT',
  ]);
});

test.each(['bmcd-2.0.5', 'bmcd-2.3.4'] as const)('nothing is wrong with a board of %s', async (profile) => {
  await using fixture = await startBoard({ profile });
  const findings = await diagnoseBoard(fixture.client());
  expect(wrong(findings)).toEqual([]);
  expect(codes(findings).includes('BMC_FIRMWARE_OLD')).toBe(profile === 'bmcd-2.0.5');
});

test('a stored USB mode flash is found and undone; where the USB of node 1 leads is told', async () => {
  await using fixture = await startBoard();
  const client = fixture.client();
  await client.usb.set({ node: 2, mode: 'flash', route: 'bmc' });
  await client.usb.setNode1UsesPort(true);
  const findings = await diagnoseBoard(client);
  expect(codes(findings)).toContain('BMC_USB_NODE1_ON_PORT');
  expect(wrong(findings)).toMatchObject([{ code: 'BMC_USB_MODE_FLASH', fixable: true }]);
  fixture.board.clearPinLog();
  expect(await repairBoard(client, findings)).toHaveLength(1);
  expect(await client.usb.get()).toMatchObject({ node: 2, mode: 'device', route: 'bmc' });
  expect(wrong(await diagnoseBoard(client))).toEqual([]);
});

test('a node that a failed bring-up left on is found and switched off', async () => {
  await using fixture = await startBoard({ faults: { bringUp: 'not-found' } });
  const client = fixture.client();
  await fixture.board.startForeignTransfer(3);
  await expect.poll(() => fixture.board.transferStatus).toContain('Error');
  expect(fixture.board.nodes.map(({ powered }) => powered)).toEqual([false, false, true, false]);
  const findings = await diagnoseBoard(client);
  expect(codes(findings)).toContain('BMC_TRANSFER_FAILED');
  expect(wrong(findings)).toMatchObject([
    { code: 'BMC_NODE_IN_USB_BOOT', fixable: true, repair: { kind: 'power-off', nodes: [3] } },
  ]);
  await repairBoard(client, findings);
  expect(fixture.board.nodes.map(({ powered }) => powered)).toEqual([false, false, false, false]);
  expect(wrong(await diagnoseBoard(client))).toEqual([]);
});

test('a running transfer is told with its owner, and nothing is changed under it', async () => {
  await using fixture = await startBoard({ clock: { scale: 1 } });
  const client = fixture.client();
  await client.usb.set({ node: 2, mode: 'flash', route: 'port' });
  const before = await diagnoseBoard(client);
  await fixture.board.startForeignTransfer(4);
  const findings = await diagnoseBoard(client);
  expect(findings).toContainEqual(
    expect.objectContaining({
      code: 'BMC_TRANSFER_RUNNING',
      severity: 'note',
      message: expect.stringMatching(/to node 4 .*another client/) as string,
    }),
  );
  expect(findings.filter(({ fixable }) => fixable)).toEqual([]);
  fixture.board.clearPinLog();
  await expect(repairBoard(client, before)).rejects.toMatchObject({ code: 'BMC_FLASH_BUSY' });
  expect(await client.usb.get()).toMatchObject({ node: 2, mode: 'flash' });
  expect(fixture.board.transferStatus).toContain('Transferring');
});

test('an API that is held for ever is told from one that is busy, also where port 80 is silent', async () => {
  await using fixture = await startBoard();
  const client = fixture.client();
  const release = await fixture.board.holdLock();
  const notes: string[] = [];
  const onWait = (note: string): void => void notes.push(note);
  const held = await diagnoseBoard(client, { ...QUICK, onWait });
  expect(wrong(held)).toMatchObject([{ code: 'BMC_API_HELD', fixable: false }]);
  expect(held.at(-1)?.hint).toContain('S94bmcd restart');
  expect(notes).toHaveLength(1);

  const busy = diagnoseBoard(client, {
    busyMs: 300,
    patienceMs: 10_000,
    onWait: () => release(),
  });
  expect(codes(await busy)).toEqual(expect.arrayContaining(['BMC_API_BUSY', 'BMC_CLOCK']));
  expect(wrong(await busy)).toEqual([]);

  await using deaf = await startBoard({ httpPort: 'off' }); // a firewall may drop that port
  await deaf.board.holdLock();
  expect(wrong(await diagnoseBoard(deaf.client(), QUICK))).toMatchObject([{ code: 'BMC_API_HELD' }]);
});

test('an upload of this computer is no dead one, however long it takes', async () => {
  await using fixture = await startBoard({ networkBytesPerSecond: 1 << 20 });
  const abort = new AbortController();
  let sent = 0;
  const flash = fixture
    .client()
    .flashNode({
      node: 1,
      image: rawImage(24 << 20),
      signal: abort.signal,
      progress: ({ activity, done }) => {
        if (activity === 'upload') sent = done ?? 0;
      },
    })
    .catch((cause: unknown) => cause);
  await expect.poll(() => sent, { timeout: 20_000 }).toBeGreaterThan(1 << 20);
  const findings = await diagnoseBoard(fixture.client(), QUICK);
  expect(wrong(findings)).toMatchObject([
    { code: 'BMC_API_BUSY', message: expect.stringContaining(String(process.pid)) as string },
  ]);
  abort.abort();
  await flash;
});

test('what keeps us out is named, and only that', async () => {
  await using fixture = await startBoard();
  await using other = await startBoard();
  const { host } = fixture.board.https;
  const last = async (options: Parameters<typeof fixture.client>[0]) =>
    (await diagnoseBoard(fixture.client(options), QUICK)).at(-1);
  const nowhere = { host, port: 1, httpPort: fixture.board.http!.port };
  expect(await last({ endpoint: nowhere })).toMatchObject({
    code: 'BMC_UNREACHABLE',
    severity: 'error',
    hint: expect.stringContaining('HTTPS port') as string,
  });
  expect(await last({ pins: {} })).toMatchObject({ code: 'BMC_UNTRUSTED' });
  expect(await last({ pins: { publicKeyPin: other.board.publicKeyPin } })).toMatchObject({
    code: 'BMC_CERTIFICATE_CHANGED',
  });
  expect(fixture.board.accessLog).toEqual([]);
  const credentials = { username: 'root', password: new Secret('wrong') };
  expect(await last({ credentials })).toMatchObject({ code: 'BMC_AUTH_REFUSED' });
  fixture.board.ban();
  expect(await last({})).toMatchObject({ code: 'BMC_BANNED' });
});

test('a clock that is off, a card that is not mounted', async () => {
  const storage = { totalBytes: 150_994_944, freeBytes: 120_000_000 };
  await using fixture = await startBoard({ identity: { sdCard: storage } });
  const now = () => Date.now() + 3 * 86_400_000;
  const findings = await diagnoseBoard(fixture.client(), { now });
  expect(codes(findings)).toContain('BMC_SDCARD_NOT_MOUNTED');
  expect(wrong(findings)).toMatchObject([
    { code: 'BMC_CLOCK_WRONG', message: expect.stringContaining('3 days behind') as string },
  ]);
});
