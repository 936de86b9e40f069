import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { sampleFleet, ToldFleet } from '../fleet/told-fleet.fixture.js';
import { ensureBuiltPage } from '../page/built-page.fixture.js';
import { serveFleet } from './serve-fleet.js';
import type { Dashboard } from './serve-page.js';

beforeAll(() => ensureBuiltPage(), 60_000);

let opened: Dashboard | undefined;
beforeEach(() => {
  opened = undefined;
});
afterEach(() => opened?.[Symbol.asyncDispose]());

/** Serves a fleet to somebody who has opened its address. */
async function admitted(source: ToldFleet | Pick<ToldFleet, 'views'>) {
  opened = await serveFleet({ source, signal: new AbortController().signal });
  const { origin, searchParams } = new URL(opened.url);
  const headers = { origin, authorization: `Bearer ${searchParams.get('token')!}` };
  const session = await fetch(`${origin}/session`, { method: 'POST', headers });
  const authorization = `Bearer ${await session.text()}`;
  const ask = (
    path: string,
    {
      headers,
      ...more
    }: { readonly method?: string; readonly headers?: Readonly<Record<string, string>> } = {},
  ) => fetch(`${origin}${path}`, { ...more, headers: { authorization, ...headers } });
  return { origin, ask };
}

const messagesIn = (text: string) =>
  [...text.matchAll(/^id: (.*)\ndata: (.*)$/gm)].map(([, id, data]) => ({
    ...{ id: Number(id), view: JSON.parse(data!) as unknown },
  }));

describe('what is told of a fleet', () => {
  it('is the newest picture alone, then each new one, and the end', async () => {
    const source = new ToldFleet(sampleFleet({ fleet: 'older' }), sampleFleet());
    const { ask } = await admitted(source);
    const stream = await ask('/events');
    source.tell(sampleFleet({ fleet: 'newer' }));
    source.end();
    const messages = messagesIn(await stream.text());
    expect(messages.at(-1)?.view).toEqual(sampleFleet({ fleet: 'newer' }));
    expect(messages.map(({ id }) => id)).toEqual(messages.map(({ id }) => id).sort((a, b) => a - b));
    expect(messages.length).toBeLessThanOrEqual(2);
    const again = await ask('/events', { headers: { 'last-event-id': String(messages.at(-1)!.id) } });
    expect(messagesIn(await again.text())).toEqual([]);
    await opened!.ended;
  });

  it('is told to nobody without the session', async () => {
    const { origin } = await admitted(new ToldFleet(sampleFleet()));
    expect((await fetch(`${origin}/events`)).status).toBe(403);
    expect((await fetch(opened!.url)).status).toBe(403); // the address was used
  });

  it('names the kind of the page, and that it may cancel', async () => {
    const { ask } = await admitted(new ToldFleet(sampleFleet()));
    const document = await (await ask('/')).text();
    expect(document).toContain('<meta name="turingpi-page" content="fleet">');
    expect(document).toContain('turingpi-cancel');
  });
});

describe('a rollout', () => {
  const post = { method: 'POST' };

  it('is asked to end by its name', async () => {
    const source = new ToldFleet(sampleFleet());
    const { origin, ask } = await admitted(source);
    const answer = await ask('/cancel?what=a%20rollout', { ...post, headers: { origin } });
    expect(answer.status).toBe(202);
    expect(source.cancelled).toEqual(['a rollout']);
    expect((await ask('/cancel', { ...post, headers: { origin } })).status).toBe(502);
    expect((await ask('/cancel?what=a')).status).toBe(404);
    expect(source.cancelled).toHaveLength(1);
  });

  it('is not asked where nobody can ask it', async () => {
    const told = new ToldFleet(sampleFleet());
    const { origin, ask } = await admitted({ views: (signal) => told.views(signal) });
    expect((await ask('/cancel?what=a', { ...post, headers: { origin } })).status).toBe(409);
    expect(await (await ask('/')).text()).not.toContain('turingpi-cancel');
  });
});
