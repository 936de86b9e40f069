import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { text } from 'node:stream/consumers';
import type { RunEvent } from '@turingpi/core/plugin';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ensureBuiltPage } from '../page/built-page.fixture.js';
import type { RunSource } from '../run-source.js';
import { ToldRun } from '../run-source.fixture.js';
import { eventfulRun, sampleRun } from '../sample-run.fixture.js';
import { serveDashboard } from './serve-dashboard.js';
import type { Dashboard } from './serve-page.js';

const events = eventfulRun();
const stop = new AbortController();
const open: AsyncDisposable[] = [];

beforeAll(ensureBuiltPage);
afterEach(async () => {
  for (const each of open.splice(0)) await each[Symbol.asyncDispose]();
});

async function serve(source: RunSource): Promise<Dashboard> {
  const dashboard = await serveDashboard({ source, signal: stop.signal });
  open.push(dashboard);
  return dashboard;
}

interface Asked {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
}
interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** One request with exactly these headers, to where the dashboard listens, whatever host they name. */
async function ask(url: URL | string, { method = 'GET', headers = {} }: Asked = {}): Promise<Answer> {
  const asked = request(url, { method, headers }).end();
  const [response] = (await once(asked, 'response')) as [IncomingMessage];
  return { status: response.statusCode!, headers: response.headers, body: await text(response) };
}

/** Asks for the session as our page does. */
function exchange({ url }: Dashboard, token = new URL(url).searchParams.get('token')!): Promise<Answer> {
  const headers = { origin: new URL(url).origin, authorization: `Bearer ${token}` };
  return ask(new URL('/session', url), { method: 'POST', headers });
}

/** What a page says with its requests that has exchanged the token of the address. */
async function admitted(dashboard: Dashboard): Promise<string> {
  return `Bearer ${(await exchange(dashboard)).body}`;
}

function at({ url }: Dashboard, path: string): URL {
  return new URL(path, url);
}

/** What a stream of server-sent events said. */
function messagesOf(body: string): { readonly id: number; readonly events: readonly RunEvent[] }[] {
  return [...body.matchAll(/^id: (\d+)\ndata: (.*)$/gm)].map(([, id, data]) => ({
    id: Number(id),
    events: JSON.parse(data!) as RunEvent[],
  }));
}

describe('the address', () => {
  it('is on loopback, and gives no cookie, which other ports of this computer would get', async () => {
    const dashboard = await serve(new ToldRun());
    expect(dashboard.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/\?token=[\w-]{43}$/);
    const { status, headers, body } = await ask(dashboard.url);
    expect([status, headers['set-cookie']]).toEqual([200, undefined]);
    expect(body).toContain('/page.js');
    const session = await exchange(dashboard);
    expect([session.status, session.headers['set-cookie']]).toEqual([200, undefined]);
    expect(session.body).toMatch(/^[\w-]{43}$/);
    expect(dashboard.url).not.toContain(session.body);
  });

  it('is exchanged once', async () => {
    const dashboard = await serve(new ToldRun());
    const authorization = await admitted(dashboard);
    expect((await exchange(dashboard)).status).toBe(403);
    expect((await ask(dashboard.url)).status).toBe(403);
    expect((await ask(at(dashboard, '/'), {})).body, 'loaded again').toContain('/page.js');
    expect((await ask(at(dashboard, '/nothing'), { headers: { authorization } })).status).toBe(404);
  });

  it('with another token, or none, opens nothing', async () => {
    const dashboard = await serve(new ToldRun(events));
    const wrong = `${dashboard.url.slice(0, -1)}${dashboard.url.endsWith('A') ? 'B' : 'A'}`;
    const token = new URL(wrong).searchParams.get('token')!;
    expect((await exchange(dashboard, token)).status).toBe(403);
    for (const path of [wrong, '/?token=', '/events', '/cancel', '/nothing'])
      expect([path, (await ask(at(dashboard, path))).status]).toEqual([path, 403]);
    const page = await ask(at(dashboard, '/'));
    expect(page.body, 'the page itself tells nothing of the run').not.toContain('node-1');
    expect((await exchange(dashboard)).status, 'the right one is not lost by that').toBe(200);
  });

  it('is worth one session, and another opens nothing', async () => {
    const dashboard = await serve(new ToldRun());
    const token = new URL(dashboard.url).searchParams.get('token')!;
    const right = await admitted(dashboard);
    const others = [
      '',
      'Bearer ',
      `Bearer ${token}`,
      `${right}A`,
      right.slice(0, -1),
      right.replace('Bearer ', ''),
    ];
    for (const authorization of others)
      expect((await ask(at(dashboard, '/events'), { headers: { authorization } })).status).toBe(403);
    const cookie = `turingpi-session=${right.slice('Bearer '.length)}`;
    expect((await ask(at(dashboard, '/events'), { headers: { cookie } })).status).toBe(403);
  });
});

describe('whoever asks for another', () => {
  it.each([
    ['a name that was pointed here', { host: 'evil.example' }],
    ['the same with our port', { host: 'evil.example:PORT' }],
    ['this computer by another port', { host: '127.0.0.1:1' }],
    ['this computer without a port', { host: '127.0.0.1' }],
    ['a page of another origin', { origin: 'http://evil.example' }],
    ['a page without an origin', { origin: 'null' }],
    ['a page on another port of this computer', { origin: 'http://127.0.0.1:1' }],
    ['a picture in another page', { 'sec-fetch-site': 'cross-site' }],
    ['a picture in a page on another port', { 'sec-fetch-site': 'same-site' }],
  ])('%s, is refused with the session', async (_, odd) => {
    const source = new ToldRun(events);
    const dashboard = await serve(source);
    const authorization = await admitted(dashboard);
    const { host, port } = new URL(dashboard.url);
    const headers = { host, authorization, origin: `http://${host}`, ...odd };
    headers.host = headers.host.replace('PORT', port);
    if (headers.host !== host) headers.origin = `http://${headers.host}`; // as a browser would
    for (const path of ['/', '/page.js', '/events'])
      expect((await ask(at(dashboard, path), { headers })).status).toBe(403);
    expect((await ask(at(dashboard, '/cancel'), { method: 'POST', headers })).status).toBe(403);
    expect(source.cancelled).toBe(0);
  });

  it('by the name localhost is answered', async () => {
    const dashboard = await serve(new ToldRun());
    const authorization = await admitted(dashboard);
    const host = `localhost:${new URL(dashboard.url).port}`;
    expect((await ask(at(dashboard, '/'), { headers: { authorization, host } })).status).toBe(200);
  });
});

describe('every answer', () => {
  it('forbids what the page does not need, and is not kept', async () => {
    const dashboard = await serve(new ToldRun());
    const authorization = await admitted(dashboard);
    for (const path of ['/', '/page.js', '/nothing']) {
      const { headers } = await ask(at(dashboard, path), { headers: { authorization } });
      expect(headers['content-security-policy']).toMatch(/^default-src 'none'; script-src 'self';/);
      expect(headers['content-security-policy']).not.toMatch(/unsafe|\*|https?:/);
      expect(headers['cache-control']).toBe('no-store');
      expect(headers['x-content-type-options']).toBe('nosniff');
      expect(headers['access-control-allow-origin']).toBeUndefined();
    }
  });
});

describe('the events', () => {
  it('come from the first on, and their end is told', async () => {
    const source = new ToldRun(events);
    source.end();
    const dashboard = await serve(source);
    const authorization = await admitted(dashboard);
    const { headers, body } = await ask(at(dashboard, '/events'), { headers: { authorization } });
    expect(headers['content-type']).toBe('text/event-stream');
    expect(messagesOf(body).flatMap((message) => message.events)).toEqual(events);
    expect(body).toMatch(/\nevent: end\ndata: \{\}\n\n$/);
  });

  it('go on after the one that the browser had last', async () => {
    const source = new ToldRun(sampleRun({ actions: 300 }));
    source.end();
    const dashboard = await serve(source);
    const authorization = await admitted(dashboard);
    const all = messagesOf((await ask(at(dashboard, '/events'), { headers: { authorization } })).body);
    expect(all.length, 'several messages').toBeGreaterThan(2);
    expect(all.map(({ id, events: inside }) => id - inside.at(-1)!.seq)).toEqual(all.map(() => 0));
    const last = String(all[0]!.id);
    const rest = await ask(at(dashboard, '/events'), { headers: { authorization, 'last-event-id': last } });
    expect(messagesOf(rest.body).flatMap((message) => message.events)).toEqual(
      all.slice(1).flatMap((message) => message.events),
    );
  });

  it('come when they happen, to everybody who looks', async () => {
    const source = new ToldRun(events.slice(0, 1));
    const dashboard = await serve(source);
    const authorization = await admitted(dashboard);
    const both = [1, 2].map(() => ask(at(dashboard, '/events'), { headers: { authorization } }));
    for (const event of events.slice(1)) source.tell(event);
    source.end();
    for (const { body } of await Promise.all(both))
      expect(messagesOf(body).flatMap((message) => message.events)).toEqual(events);
  });

  it('end with why they cannot be read further', async () => {
    const dashboard = await serve({
      async *events() {
        yield events[0]!;
        throw new Error('line 2 is no JSON');
      },
    });
    const authorization = await admitted(dashboard);
    const { body } = await ask(at(dashboard, '/events'), { headers: { authorization } });
    expect(messagesOf(body)).toHaveLength(1);
    expect(body).toContain('event: end\ndata: {"failure":"line 2 is no JSON"}');
  });
});

describe('the run', () => {
  const post = (dashboard: Dashboard, headers: Readonly<Record<string, string>>) =>
    ask(at(dashboard, '/cancel'), { method: 'POST', headers });

  it('is asked to end by our page', async () => {
    const source = new ToldRun(events);
    const dashboard = await serve(source);
    const authorization = await admitted(dashboard);
    const origin = new URL(dashboard.url).origin;
    expect((await post(dashboard, { authorization, origin })).status).toBe(202);
    expect(source.cancelled).toBe(1);
  });

  it('is not asked by who has no session, or says no origin, or only looks', async () => {
    const source = new ToldRun(events);
    const dashboard = await serve(source);
    const authorization = await admitted(dashboard);
    const origin = new URL(dashboard.url).origin;
    expect((await post(dashboard, { origin })).status).toBe(403);
    expect((await post(dashboard, { authorization })).status).toBe(403);
    expect((await ask(at(dashboard, '/cancel'), { headers: { authorization, origin } })).status).toBe(404);
    expect(source.cancelled).toBe(0);
  });

  it('that cannot be cancelled, or refuses, says so', async () => {
    const events = new ToldRun();
    const fixed = await serve({ events: (signal) => events.events(signal) });
    const authorization = await admitted(fixed);
    const headers = { authorization, origin: new URL(fixed.url).origin };
    expect((await post(fixed, headers)).status).toBe(409);
    expect((await ask(at(fixed, '/'), { headers: { authorization } })).body).not.toContain('turingpi-cancel');

    const refusing = await serve({
      events: (signal) => events.events(signal),
      cancel: () => Promise.reject(new Error('its process is gone')),
    });
    const other = { authorization: await admitted(refusing), origin: new URL(refusing.url).origin };
    expect(await post(refusing, other)).toMatchObject({ status: 502, body: 'its process is gone\n' });
  });
});

describe('serving', () => {
  it('says when everybody who looks was told all', async () => {
    const source = new ToldRun(events.slice(0, 3));
    const dashboard = await serve(source);
    const authorization = await admitted(dashboard);
    const looking = ask(at(dashboard, '/events'), { headers: { authorization } });
    const early = await Promise.race([dashboard.ended.then(() => 'ended'), ask(at(dashboard, '/'))]);
    expect(early).not.toBe('ended');
    source.tell(...events.slice(3));
    source.end();
    await dashboard.ended;
    await dashboard[Symbol.asyncDispose]();
    expect(messagesOf((await looking).body).flatMap((message) => message.events)).toEqual(events);
  });

  it('ends when it is disposed, for those who look as well', async () => {
    const dashboard = await serve(new ToldRun(events));
    const authorization = await admitted(dashboard);
    const looking = ask(at(dashboard, '/events'), { headers: { authorization } });
    const told = looking.catch((error: unknown) => error);
    await dashboard[Symbol.asyncDispose]();
    expect(await told).toBeInstanceOf(Error);
    await expect(ask(dashboard.url)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  it('ends with the signal, and does not begin after it', async () => {
    const ended = new AbortController();
    const dashboard = await serveDashboard({ source: new ToldRun(events), signal: ended.signal });
    ended.abort(new Error('enough'));
    await dashboard[Symbol.asyncDispose]();
    await expect(ask(dashboard.url)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    await expect(serveDashboard({ source: new ToldRun(), signal: ended.signal })).rejects.toThrow('enough');
  });

  it('on a port that is taken says so', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    await expect(serveDashboard({ source: new ToldRun(), signal: stop.signal, port })).rejects.toMatchObject({
      code: 'DASHBOARD_PORT_TAKEN',
    });
    other.close();
  });

  it('does not let others of this computer take all that its process can open', async () => {
    const dashboard = await serve(new ToldRun(events));
    const authorization = await admitted(dashboard);
    const port = Number(new URL(dashboard.url).port);
    const sockets = Array.from({ length: 100 }, () =>
      connect(port, '127.0.0.1').on('error', () => undefined),
    );
    try {
      let closed = 0;
      await new Promise<void>((enough) => {
        for (const socket of sockets)
          socket.resume().on('close', () => {
            closed += 1;
            if (closed === 40) enough();
          });
      });
    } finally {
      for (const socket of sockets) socket.destroy();
    }
    await expect
      .poll(() => ask(at(dashboard, '/'), { headers: { authorization } }).catch(() => undefined))
      .toMatchObject({ status: 200 });
  });

  it('is on loopback alone', async () => {
    const { url } = await serve(new ToldRun());
    // Another address of this computer's loopback network: what listens on all would answer there.
    await expect(ask(url.replace('127.0.0.1', '127.0.0.2'))).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });
});
