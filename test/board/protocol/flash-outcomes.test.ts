import { spawnSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { startVirtualBoard, type VirtualBoard } from '@turingpi/virtual-board';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { BoardClient } from './board-client.js';
import { readRecording } from './recording.js';
import { FORM, type UploadForm, UploadSocket } from './upload-socket.js';

/** A recorded scenario: start, upload reply, final status, eMMC. */
interface FlashOutcome {
  readonly case: string;
  readonly file: string;
  readonly params?: string;
  readonly upload: { readonly status: number; readonly body: string; readonly early?: boolean } | null;
  readonly final: unknown;
  readonly emmc: string;
}

const RECORDED = new Map(
  readRecording<FlashOutcome>('flash-outcomes').map((outcome) => [outcome.case, outcome]),
);
const LARGE = 100_663_296; // as recorded: its size is part of two replies, and it does not fit into socket buffers
const MARK = Buffer.alloc(3 * 1024 * 1024, 0xa5); // on the eMMC before each scenario
const hasXz = process.env['CI'] === 'true' || spawnSync('xz', ['--version']).status === 0;

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');
const xz = (input: Buffer, ...args: string[]): Buffer =>
  spawnSync('xz', ['--stdout', ...args], { input, maxBuffer: 1 << 28 }).stdout;

let image: Buffer; // 7 MB, not a multiple of the copy's block
let large: Buffer;
let sizeable: Buffer; // more than socket buffers hold
let packed: Buffer;
let board: VirtualBoard;
let client: BoardClient;

beforeAll(async () => {
  image = Buffer.concat([randomBytes(3_500_000), Buffer.alloc(2_000_000), randomBytes(1_500_123)]);
  const block = randomBytes(1024 * 1024);
  large = Buffer.concat(Array.from({ length: LARGE / block.length }, () => block));
  sizeable = large.subarray(0, 40_000_000);
  packed = hasXz ? xz(image, '-0') : Buffer.alloc(0);
  board = await startVirtualBoard({ foreign: 'everyone', boot: 'none', clock: { scale: 500 } });
  client = new BoardClient(board.https);
  await client.login();
});
afterAll(() => board[Symbol.asyncDispose]());

beforeEach(async () => {
  board.setFaults({});
  await client.get('opt=set&type=power&node1=0&node2=0&node3=0&node4=0');
  await client.get('opt=set&type=usb&node=0&mode=1');
  await rm(emmc());
  await writeFile(emmc(), MARK);
  board.clearPinLog();
});

const emmc = (): string => board.nodes[0]!.emmc!;

/** Starts a flash of node 1 and gives its handle. */
async function start(file: string, length: number | undefined, params?: string): Promise<number> {
  const more = params === undefined ? '' : `&${params}`;
  const size = length === undefined ? '' : `&length=${length}`;
  const reply = await client.get(`opt=set&type=flash&node=0&file=${encodeURIComponent(file)}${size}${more}`);
  expect(reply.status, reply.body).toBe(200);
  return (JSON.parse(reply.body) as { handle: number }).handle;
}

/** Compares with the recording: upload reply, final status with its placeholders, the eMMC. */
async function expectOutcome(
  name: string,
  seen: { upload?: Awaited<ReturnType<UploadSocket['send']>>; socket?: UploadSocket; given?: string },
  sent: Buffer,
  raw: Buffer,
): Promise<void> {
  const recorded = RECORDED.get(name)!;
  if (recorded.upload) {
    const { upload, socket } = seen;
    if (!upload || upload.reply === 'closed') throw new Error('no reply to the upload');
    expect({ status: upload.reply.status, body: upload.reply.body.toString() }).toEqual({
      status: recorded.upload.status,
      body: recorded.upload.body,
    });
    if (recorded.upload.early) {
      expect(upload.early).toBe(true);
      expect(await socket?.isHeld()).toBe(true);
    }
  }
  const final = await client.finalStatus();
  if (typeof recorded.final === 'object') {
    const expected = JSON.stringify(recorded.final)
      .replace(/"<(?:compressed |content-|file |)(?:length|size)>"/, String(sent.length))
      .replace(/<sha256 of the (?:file|\.xz)>/, sha256(sent))
      .replace('<given>', seen.given ?? '');
    const got = final.replace(/"secs":\d+,"nanos":\d+/, '"secs":"<n>","nanos":"<n>"');
    expect(got).toBe(expected);
  }
  await expectEmmc(recorded.emmc, sent, raw);
}

async function expectEmmc(recorded: string, sent: Buffer, raw: Buffer): Promise<void> {
  const held = await readFile(emmc());
  const startsWith = (bytes: Buffer): boolean => held.subarray(0, bytes.length).equals(bytes);
  const [what] = recorded.split(/[;:(]/);
  switch (what?.trim()) {
    case 'equals image':
    case 'equals decompressed image':
      expect(startsWith(raw)).toBe(true);
      break;
    case 'the compressed bytes':
    case 'the page':
      expect(startsWith(sent)).toBe(true);
      break;
    case 'untouched':
      expect(held.equals(MARK)).toBe(true);
      break;
    case 'tail missing':
    case 'truncated':
    case 'partial': {
      const written = commonLength(held, raw);
      expect(written).toBeLessThan(raw.length);
      // After the beginning that was written comes what was there before, or the end of the file.
      expect(held.subarray(written).equals(MARK.subarray(written))).toBe(true);
      break;
    }
    case 'differs':
      expect(startsWith(raw)).toBe(false);
      break;
    case 'full':
    case 'as before':
    case '-':
      break;
    default:
      throw new Error(`no check for: ${recorded}`);
  }
  if (recorded.includes('node off'))
    expect((await client.get('opt=get&type=power')).body).toContain('"node1":"0"');
  if (recorded.includes('node left ON')) {
    expect((await client.get('opt=get&type=power')).body).toContain('"node1":"1"');
    expect(board.pinLog.filter((line) => line.startsWith('usb_route')).at(-1)).toBe('usb_route Bmc');
  }
}

/** Start, upload, compare: what most scenarios are. */
async function flash(
  name: string,
  sent: Buffer,
  raw: Buffer,
  options: { form?: UploadForm; length?: number; given?: string } = {},
): Promise<void> {
  const recorded = RECORDED.get(name)!;
  const params = options.given === undefined ? recorded.params : `sha256=${options.given}`;
  const handle = await start(recorded.file, options.length ?? sent.length, params);
  using socket = await UploadSocket.open(board.https);
  const upload = await socket.send(handle, client.token!, sent, options.form);
  await expectOutcome(name, { upload, socket, ...options }, sent, raw);
}

/** How many bytes at the start are equal. */
function commonLength(one: Buffer, other: Buffer): number {
  const step = 65536;
  let at = 0;
  while (at < one.length && one.subarray(at, at + step).equals(other.subarray(at, at + step))) at += step;
  while (at < one.length && one[at] === other[at]) at += 1;
  return Math.min(at, one.length, other.length);
}

type Scenario = (name: string) => Promise<void>;

const streams = (between: number): Buffer =>
  Buffer.concat([
    xz(image.subarray(0, 3_000_000), '-0'),
    Buffer.alloc(between),
    xz(image.subarray(3_000_000), '-0'),
  ]);
const padded =
  (zeros: number): Scenario =>
  (name) =>
    flash(name, Buffer.concat([packed, Buffer.alloc(zeros)]), image);
const separated =
  (zeros: number): Scenario =>
  (name) =>
    flash(name, streams(zeros), image);
const plain: Scenario = (name) => flash(name, image, image);
const dies =
  (after: number, die: (socket: UploadSocket) => void): Scenario =>
  async (name) => {
    const handle = await start('image.img', sizeable.length);
    using socket = await UploadSocket.open(board.https);
    await socket.send(handle, client.token!, sizeable, FORM, after);
    die(socket);
    await expectOutcome(name, {}, sizeable, sizeable);
    await expect.poll(async () => (await client.get('opt=get&type=power')).body).toContain('"node1":"0"');
  };
const faulty =
  (bringUp: 'not-found' | 'usb-error' | 'several-devices'): Scenario =>
  async (name) => {
    // Slow enough for the upload to begin before the worker is dead.
    await withBoard({ clock: { scale: 2 }, faults: { bringUp } }, () => flash(name, sizeable, sizeable));
  };

const SCENARIOS: Readonly<Record<string, Scenario>> = {
  'raw with sha256': (name) => flash(name, image, image, { given: sha256(image) }),
  'raw without sha256': plain,
  'raw, skip_crc': plain,
  'raw, skip_crc=false (also skips)': plain,
  'wrong sha256': plain,
  'short sha256': plain,
  'empty sha256': plain,
  'xz with sha256': (name) => flash(name, packed, image, { given: sha256(packed) }),
  'xz with the sha256 of the raw image': (name) => flash(name, packed, image, { given: sha256(image) }),
  'xz of two streams': separated(0),
  'xz with 4 zero bytes between two streams': separated(4),
  'xz with 512 zero bytes between two streams': separated(512),
  'xz with 65536 zero bytes between two streams': separated(65536),
  'xz with 1 zero bytes at the end': padded(1),
  'xz with 4 zero bytes at the end': padded(4),
  'xz with 512 zero bytes at the end': padded(512),
  'xz with 65536 zero bytes at the end': padded(65536),
  'xz with garbage at the end': (name) => flash(name, Buffer.concat([packed, randomGarbage()]), image),
  'xz truncated, length of the truncated file': (name) =>
    flash(name, packed.subarray(0, packed.length / 2), image),
  'xz without its last byte': (name) => flash(name, packed.subarray(0, -1), image),
  'xz with one flipped bit': (name) => {
    const flipped = Buffer.from(packed);
    flipped.writeUInt8(flipped.readUInt8(2_000_000) ^ 4, 2_000_000);
    return flash(name, flipped, image);
  },
  'xz, dictionary 64 MiB, memory limit 50 MiB': async (name) => {
    const big = xz(large.subarray(0, 1_000_000), '--lzma2=preset=0,dict=64MiB');
    await flash(name, Buffer.concat([big, sizeable]), image);
  },
  'xz, dictionary 4 MiB, memory limit 5 MiB': async (name) => {
    board.setFaults({ memoryLimitBytes: 5 * 1024 * 1024 });
    await flash(
      name,
      xz(image.subarray(0, 1_000_000), '--lzma2=preset=0,dict=4MiB'),
      image.subarray(0, 1_000_000),
    );
  },
  'legacy .lzma stream under an .xz name': (name) => flash(name, xz(image, '--format=lzma', '-0'), image),
  'xz under the name image.img.XZ': (name) => flash(name, packed, image),
  'xz under the name stream': (name) => flash(name, packed, image),
  'xz under the name .xz': (name) => flash(name, packed, image),
  'xz under a path': (name) => flash(name, packed, image),
  'raw under an .xz name': (name) => flash(name, Buffer.concat([Buffer.from('not xz'), sizeable]), image),
  '90 000 000 of 100 663 296 bytes, form ended properly': (name) =>
    flash(name, large.subarray(0, 90_000_000), large, { length: LARGE }),
  'two bytes more than length': (name) => flash(name, image, image, { length: image.length - 2 }),
  'not multipart': (name) =>
    flash(name, sizeable, sizeable, { form: { contentType: 'text/plain', before: '', after: '' } }),
  'multipart without boundary': (name) =>
    flash(name, sizeable, sizeable, { form: { ...FORM, contentType: 'multipart/form-data' } }),
  'part without a name': (name) =>
    flash(name, sizeable, sizeable, {
      form: { ...FORM, before: '--XYZ\r\nContent-Disposition: form-data\r\n\r\n' },
    }),
  'garbage before the first boundary': (name) =>
    flash(name, image, image, { form: { ...FORM, before: `garbage${FORM.before}` } }),
  'not multipart, with sha256': (name) =>
    flash(name, sizeable, sizeable, {
      given: sha256(sizeable),
      form: { contentType: 'text/plain', before: '', after: '' },
    }),
  'not multipart, xz': (name) => flash(name, sizeable, sizeable, { form: { before: '', after: '' } }),
  'another form field before the file': async (name) => {
    const field = '--XYZ\r\nContent-Disposition: form-data; name="note"\r\n\r\n\r\n';
    await flash(name, large, large, { form: { ...FORM, before: `${field}${FORM.before}` } });
  },
  'chunked transfer encoding': (name) => flash(name, image, image, { form: { ...FORM, chunked: true } }),
  'length 0, empty part': (name) => flash(name, Buffer.alloc(0), Buffer.alloc(0)),
  'connection reset after 40 %': dies(16_000_000, (socket) => socket.reset()),
  'FIN without close_notify after 40 %': dies(16_000_000, (socket) => socket.cut()),
  'close_notify and FIN after 40 %': dies(16_000_000, (socket) => socket.close()),
  'upload after Done': async (name) => {
    const handle = await start('image.img', sizeable.length);
    using first = await UploadSocket.open(board.https);
    await first.send(handle, client.token!, sizeable);
    await client.finalStatus();
    using socket = await UploadSocket.open(board.https);
    const upload = await socket.send(handle, client.token!, sizeable);
    await expectOutcome(name, { upload, socket }, sizeable, sizeable);
    expect((await readFile(emmc())).equals(sizeable)).toBe(true);
  },
  'upload with another handle': async (name) => {
    const handle = await start('image.img', image.length);
    using socket = await UploadSocket.open(board.https);
    const upload = await socket.send((handle + 1) % 2 ** 32, client.token!, Buffer.alloc(10));
    expect(board.transferStatus).toContain(`"id":${handle}`);
    await client.get('opt=get&type=flash');
    client.agent.destroy();
    await client.request('GET', '/api/bmc/upload/0/cancel');
    await expectOutcome(name, { upload, socket }, image, image);
  },
  'cancel in mid-write (from loopback)': async (name) => {
    board.setFaults({ emmcStallAt: 10_000_000 });
    const handle = await start('image.img', sizeable.length);
    using socket = await UploadSocket.open(board.https);
    const sending = socket.send(handle, client.token!, sizeable);
    await expect.poll(() => socket.sent).toBeGreaterThan(9_000_000);
    board.cancelTransfer();
    await expectOutcome(name, { upload: await sending, socket }, sizeable, sizeable);
  },
  'cancel after Done': async (name) => {
    const handle = await start('image.img', image.length);
    using socket = await UploadSocket.open(board.https);
    await socket.send(handle, client.token!, image);
    expect(await client.finalStatus()).toContain('Done');
    expect(await client.request('GET', '/api/bmc/upload/0/cancel')).toMatchObject({ status: 200, body: '' });
    await expectOutcome(name, {}, image, image);
  },
  'module not found': faulty('not-found'),
  'libusb error': faulty('usb-error'),
  'several devices': faulty('several-devices'),
  'URL, xz, sha256': (name) => fromUrl(name, packed, image, sha256(packed)),
  'URL with a query after .xz': (name) => fromUrl(name, packed, image),
  'URL answering 404 with a 335-byte page': (name) => fromUrl(name, randomBytes(335), image),
  'local xz': (name) => fromSdCard(name),
  'local with a wrong sha256 (ignored)': (name) => fromSdCard(name),
  'local naming a directory': async (name) => {
    await start('/mnt/sdcard/', undefined, 'local');
    await expectOutcome(name, {}, image, image);
  },
};

function randomGarbage(): Buffer {
  return Buffer.concat([Buffer.from('garbage that is neither'), randomBytes(100)]);
}

async function fromUrl(name: string, sent: Buffer, raw: Buffer, given?: string): Promise<void> {
  const path = new URL(RECORDED.get(name)!.file);
  const server = createServer((request, response) => {
    response.writeHead(request.url?.startsWith('/none') ? 404 : 200, { 'content-length': sent.length });
    response.end(sent);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    const { port } = server.address() as AddressInfo;
    const url = `http://127.0.0.1:${port}${path.pathname}${path.search}`;
    await start(url, undefined, given === undefined ? undefined : `sha256=${given}`);
    await expectOutcome(name, {}, sent, raw);
  } finally {
    server.close();
  }
}

async function fromSdCard(name: string): Promise<void> {
  await writeFile(join(board.sdCardDir, 'image.img.xz'), packed);
  const recorded = RECORDED.get(name)!;
  await start(recorded.file, undefined, recorded.params);
  await expectOutcome(name, {}, packed, image);
}

// Scenarios that need a board of their own.
const OWN_BOARD: Readonly<Record<string, Scenario>> = {
  'connection reset during bring-up (back-pressure)': async (name) => {
    await withBoard({ clock: { scale: 4 } }, () => dies(3_000_000, (socket) => socket.reset())(name));
  },
  'upload after the 10 s timer': async (name) => {
    await withBoard({ clock: { scale: 500, deadlineScale: 8 } }, async () => {
      const handle = await start('image.img', sizeable.length);
      expect(await client.finalStatus()).toBe('{"Error":"Send timeout"}');
      using socket = await UploadSocket.open(board.https);
      const upload = await socket.send(handle, client.token!, sizeable);
      await expectOutcome(name, { upload, socket }, sizeable, sizeable);
    });
  },
  'second POST while the first runs': async (name) => {
    // Without the global lock, as for clients on the BMC: from the network a second POST would wait for the first.
    await withBoard({ clock: { scale: 500 }, treatLoopbackAsRemote: false }, async () => {
      board.setFaults({ emmcStallAt: 1_000_000 });
      const handle = await start('image.img', image.length);
      using first = await UploadSocket.open(board.https);
      const running = first.send(handle, '', image);
      await expect.poll(() => first.sent).toBeGreaterThan(500_000);
      using second = await UploadSocket.open(board.https);
      const upload = await second.send(handle, '', Buffer.alloc(10));
      const recorded = RECORDED.get(name)!;
      expect(upload?.reply).toMatchObject({ status: recorded.upload?.status });
      expect(upload?.reply !== 'closed' && upload?.reply.body.toString()).toBe(recorded.upload?.body);
      board.setFaults({});
      expect((await running)?.reply).toMatchObject({ status: 200 });
      expect(await client.finalStatus()).toContain('Done');
      expect((await readFile(emmc())).equals(image)).toBe(true);
    });
  },
  'eMMC full': async (name) => {
    await withBoard({ clock: { scale: 500 }, emmcSizeBytes: 20_000_000 }, async () => {
      await flash(name, sizeable, sizeable);
      const held = await readFile(emmc());
      expect(held.equals(sizeable.subarray(0, 20_000_000))).toBe(true);
    });
  },
};

async function withBoard(
  options: Parameters<typeof startVirtualBoard>[0],
  run: () => Promise<void>,
): Promise<void> {
  const shared = { board, client };
  board = await startVirtualBoard({ foreign: 'everyone', boot: 'none', ...options });
  try {
    client = new BoardClient(board.https);
    if (options?.treatLoopbackAsRemote !== false) await client.login();
    await writeFile(emmc(), MARK);
    await run();
  } finally {
    await board[Symbol.asyncDispose]();
    ({ board, client } = shared);
  }
}

describe('recorded outcomes of a flash', () => {
  test.for([...RECORDED.keys()])('%s', async (name, { task, skip }) => {
    skip(!hasXz, 'needs xz');
    task.meta.replayed = 1;
    const scenario = SCENARIOS[name] ?? OWN_BOARD[name];
    if (!scenario) throw new Error(`no scenario for the recorded case: ${name}`);
    await scenario(name);
  });
});
