import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { serveDashboard } from '../../packages/dashboard/src/index.js';
import { ensureBuiltPage } from '../../packages/dashboard/src/page/built-page.fixture.js';
import { ToldRun } from '../../packages/dashboard/src/run-source.fixture.js';
import { eventfulRun, sampleRun } from '../../packages/dashboard/src/sample-run.fixture.js';
import { requireTools } from '../support/site/require-tools.js';
import { launchBrowser, measureQuickest, seriousFindings, watch } from './browser.js';

const { missing } = requireTools('chromium');
const NAME = 'board.example';

describe.skipIf(missing)('a run while it happens, in a browser', () => {
  let browser: Browser;
  beforeAll(async () => {
    await ensureBuiltPage();
    // A name that somebody else gave this computer.
    browser = await launchBrowser(`--host-resolver-rules=MAP ${NAME} 127.0.0.1`);
  });
  afterAll(() => browser.close());

  async function open(source: ToldRun) {
    const stop = new AbortController();
    const dashboard = await serveDashboard({ source, signal: stop.signal });
    const context = await browser.newContext();
    const page = await context.newPage();
    const close = async () => {
      await context.close();
      await dashboard[Symbol.asyncDispose]();
    };
    return { source, url: dashboard.url, context, page, ...watch(page), [Symbol.asyncDispose]: close };
  }

  const events = eventfulRun();
  const [failed] = events.filter(({ type }) => type === 'node:failed');

  it('shows within a second what happens, and asks nobody else', async () => {
    await using live = await open(new ToldRun(events.slice(0, 200)));
    const { page, source } = live;
    await page.goto(live.url);
    await page.locator('.slot.is-running').first().waitFor();
    expect(new URL(page.url()).search, 'the token is gone from the address').toBe('');

    for (const event of events.slice(200, failed!.seq)) source.tell(event);
    await page.locator('.activity', { hasText: 'upload' }).first().waitFor();
    const toldAt = performance.now();
    source.tell(failed!);
    await page.locator('.failure', { hasText: 'BMC_FLASH_STALLED' }).waitFor();
    expect(performance.now() - toldAt).toBeLessThan(1000);

    source.tell(...events.slice(failed!.seq + 1));
    source.end();
    await page.locator('header .badge.is-failed').waitFor();
    expect(await page.locator('.failure').count()).toBe(3);
    expect(live.complaints).toEqual([]);
    const { origin } = new URL(live.url);
    expect(live.requests.filter((url) => !url.startsWith(origin) && url !== 'data:,')).toEqual([]);
    expect(await seriousFindings(page)).toEqual([]);
  });

  it('tells a screen reader of ends, not of progress', async () => {
    await using live = await open(new ToldRun(events.slice(0, 200)));
    const { page, source } = live;
    await page.goto(live.url);
    await page.locator('.slot.is-running').first().waitFor();
    const region = page.locator('[aria-live]');
    expect(await region.getAttribute('aria-live')).toBe('polite');
    await page.evaluate(`
      globalThis.heard = [];
      new MutationObserver(() => heard.push(document.querySelector('[aria-live]').textContent))
        .observe(document.querySelector('[aria-live]'), { characterData: true, childList: true, subtree: true });
    `);
    source.tell(...events.slice(200, failed!.seq + 1));
    await page.locator('.failure', { hasText: 'BMC_FLASH_STALLED' }).waitFor();
    await expect.poll(() => region.textContent()).toContain('node-3 failed');
    const heard: number = await page.evaluate('heard.length');
    expect(heard, 'a hundred events of progress are not among it').toBeLessThanOrEqual(2);
  });

  it('is cancelled from the keyboard, after a question', async () => {
    await using live = await open(new ToldRun(events.slice(0, 200)));
    const { page, source } = live;
    await page.goto(live.url);
    await page.getByRole('button', { name: 'Cancel this run' }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor();
    expect(await seriousFindings(page)).toEqual([]);
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor({ state: 'hidden' });
    expect(source.cancelled, 'what has the focus first lets it run').toBe(0);

    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Cancel the run' }).focus();
    await page.keyboard.press('Enter');
    await expect.poll(() => source.cancelled).toBe(1);
    await page.getByRole('button', { name: 'Cancelling …' }).waitFor();
    expect(live.complaints).toEqual([]);
  });

  it('that a page opens late is not kept busy by what happened before', async () => {
    await using live = await open(new ToldRun(sampleRun({ boards: 20, actions: 100 }).slice(0, -1)));
    await live.page.goto(live.url);
    await live.page.locator('.node').first().waitFor();
    const session = await live.page.evaluate(`JSON.stringify({ ...sessionStorage })`);
    await live.context.addInitScript(`Object.assign(sessionStorage, ${String(session)})`); // as a tab that is loaded again
    const { longestTask, firstPaint } = await measureQuickest(
      () => live.context.newPage(),
      async (page) => {
        await page.goto(new URL(live.url).origin);
        await page.locator('.node').nth(79).waitFor();
      },
    );
    expect(longestTask).toBeLessThan(100);
    expect(firstPaint).toBeLessThan(1000);
  });

  it('is shown to no other browser by the same address, and to none by another name', async () => {
    await using live = await open(new ToldRun(events));
    const elsewhere = live.url.replace('127.0.0.1', NAME);
    expect((await live.page.goto(elsewhere))?.status()).toBe(403);
    expect((await live.page.goto(live.url))?.status()).toBe(200);
    await live.page.locator('.slot').first().waitFor();
    expect((await live.page.goto(elsewhere.replace(/\?.*/, '')))?.status()).toBe(403);
    const { origin } = new URL(live.url);
    await live.page.goto(origin);
    await live.page.locator('.slot').first().waitFor(); // loaded again, in the same tab
    expect(await live.context.cookies(), 'every port of this computer would get them').toEqual([]);
    const tab = await live.context.newPage();
    await tab.goto(origin);
    await tab.getByText('the address was used already').waitFor();
    const other = await browser.newContext();
    expect((await (await other.newPage()).goto(live.url))?.status()).toBe(403);
    await other.close();
  });

  it('is neither seen nor cancelled by a page of another origin in the same browser', async () => {
    await using live = await open(new ToldRun(events.slice(0, 200)));
    const { origin } = new URL(live.url);
    await live.page.goto(live.url);
    await live.page.locator('.slot.is-running').first().waitFor();
    // On another port of this computer: to the browser the same site.
    const server = createServer((_, response) =>
      response.setHeader('Content-Type', 'text/html').end('<p>other'),
    );
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const page = await live.context.newPage();
    const answers = await answersFrom(page, origin);
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    await page.evaluate(`(async () => {
      const origin = ${JSON.stringify(origin)};
      const quiet = () => undefined;
      await fetch(origin + '/events', { credentials: 'include' }).catch(quiet);
      await fetch(origin + '/events', { credentials: 'include', mode: 'no-cors' }).catch(quiet);
      await fetch(origin + '/cancel', { credentials: 'include', mode: 'no-cors', method: 'POST' }).catch(quiet);
      for (const name of ['script', 'img']) await new Promise((done) => {
        const element = document.createElement(name);
        element.onload = element.onerror = done;
        element.src = origin + '/page.js';
        document.body.append(element);
      });
    })()`);
    // Twice for the events, to cancel, for a script and for a picture.
    await expect.poll(answers).toHaveLength(5);
    expect(answers().filter((status) => status !== 403)).toEqual([]);
    const form = page.waitForResponse(`${origin}/cancel`);
    await page.evaluate(`
      document.body.innerHTML = '<form method="post" action=${JSON.stringify(`${origin}/cancel`)}></form>';
      document.forms[0].submit();
    `);
    expect((await form).status()).toBe(403);
    expect(live.source.cancelled).toBe(0);
    server.close();
    server.closeAllConnections();
  });
});

/** The status of every answer of a server, also of those that the browser keeps from the page. */
async function answersFrom(page: Page, origin: string): Promise<() => readonly number[]> {
  const session = await page.context().newCDPSession(page);
  const asked = new Set<string>();
  const statuses = new Map<string, number>();
  // Two processes of the browser tell of these: an answer may be told of before its request is.
  session.on('Network.requestWillBeSent', ({ requestId, request }) => {
    if (request.url.startsWith(origin)) asked.add(requestId);
  });
  session.on('Network.responseReceivedExtraInfo', ({ requestId, statusCode }) => {
    statuses.set(requestId, statusCode);
  });
  await session.send('Network.enable');
  return () => [...statuses].flatMap(([id, status]) => (asked.has(id) ? [status] : []));
}
