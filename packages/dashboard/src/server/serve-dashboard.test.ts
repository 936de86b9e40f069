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
import { type Dashboard, serveDashboard } from './serve-dashboard.js';

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

/** The cookie that the address is worth. */
async function admitted({ url }: Dashboard): Promise<string> {
  const { headers } = await ask(url);
  return headers['set-cookie']![0]!.split(';')[0]!;
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
  it('is on loopback, and is worth a cookie that scripts and other sites do not get', async () => {
    const dashboard = await serve(new ToldRun());
    expect(dashboard.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/\?token=[\w-]{43}$/);
    const { status, headers } = await ask(dashboard.url);
    expect([status, headers.location]).toEqual([303, '/']);
    expect(headers['set-cookie']![0]).toMatch(/; HttpOnly; SameSite=Strict; Path=\/$/);
    expect(headers['set-cookie']![0]).not.toContain(new URL(dashboard.url).searchParams.get('token'));
  });

  it('opens the page once', async () => {
    const dashboard = await serve(new ToldRun());
    const cookie = await admitted(dashboard);
    expect((await ask(dashboard.url)).status).toBe(403);
    expect((await ask(dashboard.url, { headers: { cookie } })).status, 'whoever has the cookie').toBe(303);
    expect((await ask(at(dashboard, '/'), { headers: { cookie } })).body).toContain('/page.js');
  });

  it('with another token, or none, opens nothing', async () => {
    const dashboard = await serve(new ToldRun(events));
    const wrong = `${dashboard.url.slice(0, -1)}${dashboard.url.endsWith('A') ? 'B' : 'A'}`;
    for (const path of [wrong, '/?token=', '/', '/events', '/page.js', '/page.css', '/cancel', '/nothing']) {
      const answer = await ask(at(dashboard, path));
      expect([path, answer.status, answer.body.includes('node-1')]).toEqual([path, 403, false]);
    }
    expect((await ask(dashboard.url)).status, 'the right one is not lost by that').toBe(303);
  });

  it('is not opened by a cookie of another name or value', async () => {
    const dashboard = await serve(new ToldRun());
    const cookie = await admitted(dashboard);
    const [name, value] = cookie.split('=') as [string, string];
    for (const other of [
      `${name}=`,
      `${name}=${value}A`,
      `x${name}=${value}`,
      `${name}=${value.slice(1)}`,
      '',
    ])
      expect((await ask(at(dashboard, '/'), { headers: { cookie: other } })).status).toBe(403);
    expect((await ask(at(dashboard, '/'), { headers: { cookie: `a=b; ${cookie}; c=d` } })).status).toBe(200);
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
  ])('%s, is refused with the cookie', async (_, odd) => {
    const source = new ToldRun(events);
    const dashboard = await serve(source);
    const cookie = await admitted(dashboard);
    const { host, port } = new URL(dashboard.url);
    const headers = { host, cookie, origin: `http://${host}`, ...odd };
    headers.host = headers.host.replace('PORT', port);
    if (headers.host !== host) headers.origin = `http://${headers.host}`; // as a browser would
    for (const path of ['/', '/page.js', '/events'])
      expect((await ask(at(dashboard, path), { headers })).status).toBe(403);
    expect((await ask(at(dashboard, '/cancel'), { method: 'POST', headers })).status).toBe(403);
    expect(source.cancelled).toBe(0);
  });

  it('by the name localhost is answered', async () => {
    const dashboard = await serve(new ToldRun());
    const cookie = await admitted(dashboard);
    const host = `localhost:${new URL(dashboard.url).port}`;
    expect((await ask(at(dashboard, '/'), { headers: { cookie, host } })).status).toBe(200);
  });
});

describe('every answer', () => {
  it('forbids what the page does not need, and is not kept', async () => {
    const dashboard = await serve(new ToldRun());
    const cookie = await admitted(dashboard);
    for (const path of ['/', '/page.js', '/nothing']) {
      const { headers } = await ask(at(dashboard, path), { headers: { cookie } });
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
    const cookie = await admitted(dashboard);
    const { headers, body } = await ask(at(dashboard, '/events'), { headers: { cookie } });
    expect(headers['content-type']).toBe('text/event-stream');
    expect(messagesOf(body).flatMap((message) => message.events)).toEqual(events);
    expect(body).toMatch(/\nevent: end\ndata: \{\}\n\n$/);
  });

  it('go on after the one that the browser had last', async () => {
    const source = new ToldRun(sampleRun({ actions: 300 }));
    source.end();
    const dashboard = await serve(source);
    const cookie = await admitted(dashboard);
    const all = messagesOf((await ask(at(dashboard, '/events'), { headers: { cookie } })).body);
    expect(all.length, 'several messages').toBeGreaterThan(2);
    expect(all.map(({ id, events: inside }) => id - inside.at(-1)!.seq)).toEqual(all.map(() => 0));
    const last = String(all[0]!.id);
    const rest = await ask(at(dashboard, '/events'), { headers: { cookie, 'last-event-id': last } });
    expect(messagesOf(rest.body).flatMap((message) => message.events)).toEqual(
      all.slice(1).flatMap((message) => message.events),
    );
  });

  it('come when they happen, to everybody who looks', async () => {
    const source = new ToldRun(events.slice(0, 1));
    const dashboard = await serve(source);
    const cookie = await admitted(dashboard);
    const both = [1, 2].map(() => ask(at(dashboard, '/events'), { headers: { cookie } }));
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
    const cookie = await admitted(dashboard);
    const { body } = await ask(at(dashboard, '/events'), { headers: { cookie } });
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
    const cookie = await admitted(dashboard);
    const origin = new URL(dashboard.url).origin;
    expect((await post(dashboard, { cookie, origin })).status).toBe(202);
    expect(source.cancelled).toBe(1);
  });

  it('is not asked by who has no cookie, or says no origin, or only looks', async () => {
    const source = new ToldRun(events);
    const dashboard = await serve(source);
    const cookie = await admitted(dashboard);
    const origin = new URL(dashboard.url).origin;
    expect((await post(dashboard, { origin })).status).toBe(403);
    expect((await post(dashboard, { cookie })).status).toBe(403);
    expect((await ask(at(dashboard, '/cancel'), { headers: { cookie, origin } })).status).toBe(404);
    expect(source.cancelled).toBe(0);
  });

  it('that cannot be cancelled, or refuses, says so', async () => {
    const events = new ToldRun();
    const fixed = await serve({ events: (signal) => events.events(signal) });
    const cookie = await admitted(fixed);
    const headers = { cookie, origin: new URL(fixed.url).origin };
    expect((await post(fixed, headers)).status).toBe(409);
    expect((await ask(at(fixed, '/'), { headers: { cookie } })).body).not.toContain('turingpi-cancel');

    const refusing = await serve({
      events: (signal) => events.events(signal),
      cancel: () => Promise.reject(new Error('its process is gone')),
    });
    const other = { cookie: await admitted(refusing), origin: new URL(refusing.url).origin };
    expect(await post(refusing, other)).toMatchObject({ status: 502, body: 'its process is gone\n' });
  });
});

describe('serving', () => {
  it('says when everybody who looks was told all', async () => {
    const source = new ToldRun(events.slice(0, 3));
    const dashboard = await serve(source);
    const cookie = await admitted(dashboard);
    const looking = ask(at(dashboard, '/events'), { headers: { cookie } });
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
    const cookie = await admitted(dashboard);
    const looking = ask(at(dashboard, '/events'), { headers: { cookie } });
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
    const cookie = await admitted(dashboard);
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
      .poll(() => ask(at(dashboard, '/'), { headers: { cookie } }).catch(() => undefined))
      .toMatchObject({ status: 200 });
  });

  it('is on loopback alone', async () => {
    const { url } = await serve(new ToldRun());
    // Another address of this computer's loopback network: what listens on all would answer there.
    await expect(ask(url.replace('127.0.0.1', '127.0.0.2'))).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });
});
