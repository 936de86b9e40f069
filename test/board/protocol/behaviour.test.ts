import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { connect as connectTcp } from 'node:net';
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { startVirtualBoard, type VirtualBoard, type VirtualBoardOptions } from '@turingpi/virtual-board';
import { describe, expect, test } from 'vitest';
import { BoardClient, multipart } from './board-client.js';
import { UploadSocket } from './upload-socket.js';

const OK = '{"response":[{"result":"ok"}]}';

async function boardOf(options: VirtualBoardOptions = {}): Promise<VirtualBoard> {
  return startVirtualBoard({ foreign: 'everyone', boot: 'none', clock: { scale: 500 }, ...options });
}

async function clientOf(board: VirtualBoard): Promise<BoardClient> {
  const client = new BoardClient(board.https);
  await client.login();
  return client;
}

async function start(client: BoardClient, query: string): Promise<number> {
  const reply = await client.get(`opt=set&${query}`);
  expect(reply.status, reply.body).toBe(200);
  return (JSON.parse(reply.body) as { handle: number }).handle;
}

async function flash(client: BoardClient, index: number, image: Buffer): Promise<string> {
  const handle = await start(client, `type=flash&node=${index}&file=a.img&length=${image.length}`);
  await client.request('POST', `/api/bmc/upload/${handle}`, ...multipart(image));
  return client.finalStatus();
}

/** A plain request to port 80. */
async function plainGet(board: VirtualBoard, path: string): Promise<{ status: number; body: string }> {
  const sent = request({ ...board.http, path });
  sent.end();
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return { status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString() };
}

describe('the global lock', () => {
  test('calls from the network wait until an upload ended', async () => {
    await using board = await boardOf({ faults: { emmcStallAt: 1_000_000 } });
    const client = await clientOf(board);
    const image = randomBytes(4_000_000);
    const handle = await start(client, `type=flash&node=0&file=a.img&length=${image.length}`);
    const order: string[] = [];
    const upload = client
      .request('POST', `/api/bmc/upload/${handle}`, ...multipart(image))
      .then(() => order.push('upload'));
    await expect.poll(() => board.transferStatus).not.toContain('"bytes_written":0');
    const login = new BoardClient(board.https).login().then(() => order.push('login'));
    const info = await plainGet(board, '/info'); // port 80 knows no lock
    expect(info.status).toBe(200);
    expect(order).toEqual([]);
    board.setFaults({});
    await Promise.all([upload, login]);
    expect(order).toEqual(['upload', 'login']);
    expect(await client.finalStatus()).toContain('Done');
  });

  test("another client's dead upload holds it for ever", async () => {
    await using board = await boardOf();
    const client = await clientOf(board);
    const release = await board.holdLock();
    const call = client.get('opt=get&type=power');
    const waited = await Promise.race([call, new Promise((resolve) => setTimeout(resolve, 100, 'waiting'))]);
    expect(waited).toBe('waiting');
    release();
    expect((await call).status).toBe(200);
  });
});

describe('one transfer slot', () => {
  test('a second start takes over; the old upload is told why', async () => {
    await using board = await boardOf({ clock: { scale: 50 }, bringUpMs: 0 });
    const client = await clientOf(board);
    const image = randomBytes(40_000_000);
    const handle = await start(client, `type=flash&node=0&file=a.img&length=${image.length}`);
    board.setFaults({ emmcStallAt: 5_000_000 });
    using socket = await UploadSocket.open(board.https);
    const sending = socket.send(handle, client.token!, image);
    await expect.poll(() => socket.sent).toBeGreaterThan(5_000_000);
    await board.startForeignTransfer(2);
    const upload = await sending;
    expect(upload?.reply).toMatchObject({ status: 500 });
    expect(await client.get('opt=get&type=flash').then(({ body }) => body)).not.toContain(String(handle));
  });

  test('a timer of an abandoned start kills a newer one', async () => {
    await using board = await boardOf({ clock: { scale: 8, deadlineScale: 8 }, bringUpMs: 0 });
    const client = await clientOf(board);
    await start(client, 'type=flash&node=0&file=a.img&length=5');
    await client.request('GET', '/api/bmc/upload/0/cancel');
    await new Promise((resolve) => setTimeout(resolve, 700)); // of the 1250 ms that are its ten seconds
    const second = performance.now();
    await start(client, 'type=flash&node=1&file=a.img&length=5');
    expect(await client.finalStatus()).toBe('{"Error":"Send timeout"}');
    expect(performance.now() - second).toBeLessThan(1150); // its own ten seconds were not over
  });

  test('with a fast board and real limits, starts of finished transfers leave no stale timer', async () => {
    await using board = await boardOf({ clock: { scale: 1000 } });
    const client = await clientOf(board);
    for (let round = 0; round < 3; round += 1)
      expect(await flash(client, 0, randomBytes(1000))).toContain('Done');
  });
});

describe('power and USB', () => {
  test('each API type touches the slot it names only', async () => {
    await using board = await boardOf();
    const client = await clientOf(board);
    board.clearPinLog();
    await client.get('opt=set&type=power&node3=1');
    await client.get('opt=set&type=reset&node=2');
    await client.get('opt=set&type=usb_boot&node=2');
    expect(board.pinLog).toEqual(['power node3 1', 'power node3 0', 'power node3 1', 'usb_boot node3 1']);
    expect(board.nodes.map(({ powered }) => powered)).toEqual([false, false, true, false]);
  });

  test('on v2.5 an unprovisioned module in another slot is written instead', async () => {
    await using board = await boardOf({ nodes: [{ board: 'rk1' }, { board: 'rk1' }] });
    const client = await clientOf(board);
    await client.get('opt=set&type=power&node1=1'); // blank: it waits in USB boot
    const image = randomBytes(1000);
    expect(await flash(client, 1, image)).toContain('Done');
    expect((await readFile(board.nodes[0]!.emmc!)).equals(image)).toBe(true);
    expect(await readFile(board.nodes[1]!.emmc!)).toHaveLength(0);
  });

  test('on v2.4 the switch keeps them apart', async () => {
    await using board = await boardOf({ boardRevision: 'v2.4', nodes: [{ board: 'rk1' }, { board: 'cm4' }] });
    const client = await clientOf(board);
    await client.get('opt=set&type=power&node1=1');
    const image = randomBytes(1000);
    expect(await flash(client, 1, image)).toContain('Done');
    expect((await readFile(board.nodes[1]!.emmc!)).equals(image)).toBe(true);
  });

  test('node 1 cannot be flashed while its USB goes to the alternative port, nor an empty slot', async () => {
    await using board = await boardOf({ nodes: [{ board: 'rk1' }, { board: undefined }] });
    const client = await clientOf(board);
    expect(await flash(client, 1, randomBytes(9))).toContain('not found or supported');
    await client.get('opt=set&type=power&node2=0');
    await client.get('opt=set&type=usb_node1&alternative_port');
    expect(await flash(client, 0, randomBytes(9))).toContain('not found or supported');
  });

  test('node_to_msd leaves the node on; a USB error reads as recorded in the reference', async () => {
    await using board = await boardOf();
    const client = await clientOf(board);
    expect((await client.get('opt=set&type=node_to_msd&node=0')).body).toBe(OK);
    expect(board.nodes[0]?.powered).toBe(true);
    board.setFaults({ bringUp: 'usb-error' });
    const failed = await client.get('opt=set&type=node_to_msd&node=0');
    expect(failed).toMatchObject({
      status: 500,
      body: '{"response":[{"result":"Failed to USB: Input/Output Error"}]}',
    });
  });
});

describe('faults', () => {
  test('a bit that comes back wrong is a CRC error', async () => {
    await using board = await boardOf({ faults: { corruptEmmcAt: 500 } });
    const client = await clientOf(board);
    expect(await flash(client, 0, randomBytes(1000))).toMatch(
      /^\{"Error":"crc error\. expected \d+, calculated \d+"\}$/,
    );
    expect((await client.get('opt=get&type=power')).body).toContain('"node1":"0"');
  });

  test('a malformed form is a false Done', async () => {
    await using board = await boardOf({ faults: { malformedForm: true } });
    const client = await clientOf(board);
    expect(await flash(client, 0, randomBytes(1000))).toContain('Done');
    expect(await readFile(board.nodes[0]!.emmc!)).toHaveLength(0);
  });

  test('out of memory: reset, refused until restarted, then Ready and logged out', async () => {
    await using board = await boardOf({ faults: { outOfMemoryAt: 100_000 } });
    const client = await clientOf(board);
    await expect(flash(client, 0, randomBytes(5_000_000))).rejects.toThrow(/ECONNRESET|EPIPE|hang up/);
    await expect.poll(() => refuses(board)).toBe(true);
    board.setFaults({});
    await board.restart();
    expect((await client.get('opt=get&type=flash')).status).toBe(401);
    await client.login();
    expect((await client.get('opt=get&type=flash')).body).toBe('"Ready"');
  });

  test('an upload is reset at its byte', async () => {
    await using board = await boardOf({ faults: { resetUploadAt: 100_000 } });
    const client = await clientOf(board);
    await expect(flash(client, 0, randomBytes(5_000_000))).rejects.toThrow(/ECONNRESET|EPIPE|hang up/);
    expect(await client.finalStatus()).toBe('{"Error":"cancelled by user"}');
  });
});

test('reload and reboot take the board down and up again on the same ports', async () => {
  await using board = await boardOf({ clock: { scale: 1000 } });
  const before = board.https.port;
  for (const what of ['reload', 'reboot']) {
    const client = await clientOf(board);
    expect((await client.get(`opt=set&type=${what}`)).body).toBe(OK);
    await expect
      .poll(async () =>
        new BoardClient(board.https)
          .login()
          .then(() => 'up')
          .catch(() => 'down'),
      )
      .toBe('up');
    expect((await client.get('opt=get&type=power')).status).toBe(401); // the old token is gone
  }
  expect(board.https.port).toBe(before);
});

test('firmware is staged and node power left alone', async () => {
  await using board = await boardOf();
  const client = await clientOf(board);
  board.clearPinLog();
  const image = randomBytes(100_000);
  const handle = await start(client, `type=firmware&file=tp2.tpu&length=${image.length}`);
  await client.request('POST', `/api/bmc/upload/${handle}`, ...multipart(image));
  expect(await client.finalStatus()).toContain('Done');
  expect((await readFile(`${board.dir}/firmware/tp2.tpu`)).equals(image)).toBe(true);
  expect(board.pinLog).toEqual([]);
});

describe('older firmware', () => {
  test('2.0.5 knows no xz, drains the UART, leaves a failed node on', async () => {
    await using board = await boardOf({ profile: 'bmcd-2.0.5', nodes: [{ board: 'rk1' }] });
    const client = await clientOf(board);
    expect((await client.get('opt=get&type=usb')).body).toBe(
      '{"response":[{"result":[{"mode":"Device","node":"Node 1","route":"UsbA"}]}]}',
    );
    expect((await client.get('opt=get&type=node_info')).body).toContain('Invalid `type` parameter node_info');
    board.printConsole(1, 'hello');
    expect((await client.get('opt=get&type=uart&node=0')).body).toContain('"hello"');
    expect((await client.get('opt=get&type=uart&node=0')).body).toContain('""');
    expect((await plainGet(board, '/api/bmc/info')).status).toBe(200);
    expect((await plainGet(board, '/info')).status).toBe(308);

    const bytes = Buffer.from('\xfd7zXZ\0 not decoded', 'latin1');
    const handle = await start(client, `type=flash&node=0&file=a.img.xz&length=${bytes.length}&sha256=00`);
    await client.request('POST', `/api/bmc/upload/${handle}`, ...multipart(bytes));
    expect(await client.finalStatus()).toContain('Done');
    expect((await readFile(board.nodes[0]!.emmc!)).equals(bytes)).toBe(true);

    board.setFaults({ corruptEmmcAt: 5 });
    expect(await flash(client, 0, randomBytes(100))).toBe(
      '{"Error":"integrity check of written image failed"}',
    );
    expect((await client.get('opt=get&type=power')).body).toContain('"node1":"1"');
  });

  test('2.3.4 tells its version differently', async () => {
    await using board = await boardOf({ profile: 'bmcd-2.3.4' });
    const client = await clientOf(board);
    const about = JSON.parse((await client.get('opt=get&type=about')).body) as {
      response: [{ result: Record<string, string> }];
    };
    expect(about.response[0].result).toMatchObject({ version: '2.3.4', board_revision: '2.5', api: '1.1' });
    expect(about.response[0].result).not.toHaveProperty('bmcd_version');
  });
});

async function refuses(board: VirtualBoard): Promise<boolean> {
  const socket = connectTcp(board.https);
  try {
    await once(socket, 'connect');
    return false;
  } catch {
    return true;
  } finally {
    socket.destroy();
  }
}
