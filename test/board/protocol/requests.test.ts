import { once } from 'node:events';
import { connect } from 'node:tls';
import { startVirtualBoard, type VirtualBoard } from '@turingpi/virtual-board';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BoardClient } from './board-client.js';

const RESOURCE = '/api/bmc?opt=get&type=power';
let board: VirtualBoard;
let client: BoardClient;

beforeAll(async () => {
  board = await startVirtualBoard({ foreign: 'everyone', boot: 'none', clock: { scale: 100 } });
  client = new BoardClient(board.https);
  await client.login();
});
afterAll(() => board[Symbol.asyncDispose]());

/** The reply to bytes as they are, over HTTP/1.1. */
async function exchange(
  head: string,
  body = '',
): Promise<{ readonly status: number; readonly text: string }> {
  const socket = connect({ ...board.https, rejectUnauthorized: false });
  await once(socket, 'secureConnect');
  socket.end(`${head}\r\nAuthorization: Bearer ${client.token!}\r\n\r\n${body}`);
  const chunks: Buffer[] = [];
  for await (const chunk of socket as AsyncIterable<Buffer>) chunks.push(chunk);
  const text = Buffer.concat(chunks).toString('utf8');
  return { status: Number(text.split(' ')[1]), text };
}

describe('the target of a request', () => {
  test.each([
    `https://board.example${RESOURCE}`,
    `http://board.example:8443${RESOURCE}`,
    '/%61pi/b%6Dc?opt=get&type=power',
    '/api/%62mc?opt=get&type=power',
  ])('%s is the API', async (target) => {
    const { status, text } = await exchange(`GET ${target} HTTP/1.1\r\nHost: x\r\nConnection: close`);
    expect(status).toBe(200);
    expect(text).toContain('"node1"');
  });

  test('an encoded slash makes no new part of a path', async () => {
    const { text } = await exchange(
      'GET /api%2Fbmc?opt=get&type=power HTTP/1.1\r\nHost: x\r\nConnection: close',
    );
    expect(text).toContain('<!doctype html>');
  });
});

describe('methods', () => {
  test.each([
    ['POST', '/', 405],
    ['DELETE', '/index.html', 405],
    ['PUT', '/api/bmc/nothing', 405],
    ['FROB', '/', 405],
    ['FROB', RESOURCE, 405],
    ['GET', '/anything', 200],
  ])('%s %s is answered with %i', async (method, target, expected) => {
    expect((await exchange(`${method} ${target} HTTP/1.1\r\nHost: x\r\nConnection: close`)).status).toBe(
      expected,
    );
  });

  test('an unknown one is logged in as any other', async () => {
    const { status } = await client.request('GET', RESOURCE, undefined, { authorization: 'Bearer x y' });
    expect(status).toBe(401);
    await client.login();
  });

  test('what is no request is refused, and the connection closed', async () => {
    expect((await exchange('no request at all')).status).toBe(400);
  });
});

describe('headers', () => {
  test('60 kB of them are read', async () => {
    const { status } = await client.request('GET', RESOURCE, undefined, { 'x-long': 'a'.repeat(60_000) });
    expect(status).toBe(200);
  });

  test.each([
    ['90', 200],
    ['120', 431],
  ])('%s of them are answered with %i', async (count, expected) => {
    const many = Array.from({ length: Number(count) }, (_, i) => `X-${i}: 1`).join('\r\n');
    const { status } = await exchange(`GET ${RESOURCE} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${many}`);
    expect(status).toBe(expected);
  });

  test('a head of more than 128 KiB is refused', async () => {
    const { status } = await exchange(`GET / HTTP/1.1\r\nHost: x\r\nX-Long: ${'a'.repeat(140_000)}`);
    expect(status).toBe(431);
  });
});

describe('notes about nodes', () => {
  const store = async (body: string | Buffer, type = 'application/json') => {
    const reply = await client.request('POST', '/api/bmc?opt=set&type=node_info', body, {
      'content-type': type,
    });
    return [reply.status, reply.body];
  };
  const refused = (message: string) => [400, `Json deserialize error: ${message}`];

  test.each([
    ['{"Node1":{"uart_baud":4294967295}}', [200, '']],
    ['{"Node1":{"uart_baud":-1}}', refused('invalid value: integer `-1`, expected u32 at line 1 column 24')],
    [
      '{"Node1":{"uart_baud":4294967296}}',
      refused('invalid value: integer `4294967296`, expected u32 at line 1 column 32'),
    ],
    [
      '{"Node1":{"uart_baud":1.5}}',
      refused('invalid type: floating point `1.5`, expected u32 at line 1 column 25'),
    ],
    [
      '{"Node1":{"uart_baud":"9600"}}',
      refused('invalid type: string "9600", expected u32 at line 1 column 28'),
    ],
    ['{"Node1":{"power_on_time":18446744073709551615}}', [200, '']],
    [
      '{"Node1":{"power_on_time":-5}}',
      refused('invalid value: integer `-5`, expected u64 at line 1 column 28'),
    ],
    ['{"Node1":{"name":{}}}', refused('invalid type: map, expected a string at line 1 column 17')],
    ['{"Node1":{"name":"a","name":null}}', refused('duplicate field `name` at line 1 column 27')],
    ['{"Node1":{"unknown":1,"unknown":2}}', [200, '']],
  ])('%s', async (body, expected) => {
    expect(await store(body)).toEqual(expected);
  });

  test('a node that is given twice counts the last time', async () => {
    expect(await store('{"Node2":{"name":"first","module_name":"kept"},"Node2":{"name":"last"}}')).toEqual([
      200,
      '',
    ]);
    expect((await client.get('opt=get&type=node_info')).body).toContain('"module_name":null,"name":"last"');
  });

  test.each(['text/json', 'application/json; charset=utf-8', 'application/vnd.x+json'])(
    '%s will do',
    async (type) => {
      expect(await store('{}', type)).toEqual([200, '']);
    },
  );

  test('bytes that are no UTF-8 are refused where they are, others arrive', async () => {
    const broken = Buffer.from('{"Node1":{"name":"\xff"}}', 'latin1');
    expect(await store(broken)).toEqual(refused('invalid unicode code point at line 1 column 20'));
    expect(await store('{"Node1":{"name":"Gerät ✓"}}')).toEqual([200, '']);
    expect((await client.get('opt=get&type=node_info')).body).toContain('"name":"Gerät ✓"');
    expect(await store('{"Nodé":{}}')).toEqual(
      refused(
        'unknown variant `Nodé`, expected one of `Node1`, `Node2`, `Node3`, `Node4` at line 1 column 8',
      ),
    );
  });
});

test('a login that gives a field twice is not understood, and is no strike', async () => {
  const body = '{"username":"root","username":"root","password":"turing"}';
  for (let attempt = 0; attempt < 6; attempt++) {
    expect(await client.request('POST', '/api/bmc/authenticate', body)).toMatchObject({
      status: 403,
      body: 'error trying to parse credentials: duplicate field `username` at line 1 column 29',
    });
  }
  await client.login();
});
