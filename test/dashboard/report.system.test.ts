import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { RunEvent } from '@turingpi/core/plugin';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { renderReport } from '../../packages/dashboard/src/index.js';
import { ensureBuiltPage } from '../../packages/dashboard/src/page/built-page.fixture.js';
import {
  eventfulRun,
  HOSTILE,
  hostileRun,
  sampleRun,
} from '../../packages/dashboard/src/sample-run.fixture.js';
import { requireTools } from '../support/site/require-tools.js';
import { launchBrowser, measureQuickest, seriousFindings, watch } from './browser.js';

const { missing } = requireTools('chromium');
/** To look at after a change of the page; not kept. */
const SCREENSHOTS = path.resolve(import.meta.dirname, '../../node_modules/.cache/dashboard-screenshots');

describe.skipIf(missing)('a report in a browser', () => {
  let browser: Browser;
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'turingpi-report-'));
    await ensureBuiltPage();
    browser = await launchBrowser();
  });
  afterAll(async () => {
    await browser.close();
    await rm(folder, { recursive: true, force: true });
  });

  /** A page without a network, and the address of the report of a run. */
  async function prepare(events: readonly RunEvent[], options: BrowserContextOptions = {}) {
    const file = path.join(folder, `${String(events.length)}.html`);
    await writeFile(file, await renderReport(events));
    const context = await browser.newContext({ offline: true, ...options });
    const page = await context.newPage();
    const url = pathToFileURL(file).href;
    return { page, url, ...watch(page), [Symbol.asyncDispose]: () => context.close() };
  }

  async function openAll(page: Page): Promise<void> {
    for (const closed of ['.node:not([open]) > summary', '.actions:not([open]) > summary'])
      while ((await page.locator(closed).count()) > 0) await page.locator(closed).first().click();
  }

  it('opens from a disk with the network off, asks nobody and complains of nothing', async () => {
    await using report = await prepare(eventfulRun());
    await report.page.goto(report.url);
    await report.page.locator('.node').nth(3).waitFor();
    expect(report.complaints).toEqual([]);
    expect(report.requests.filter((url) => url !== report.url && url !== 'data:,')).toEqual([]);
  });

  it('has every node, step, action, reason and error', async () => {
    await using report = await prepare(eventfulRun());
    const { page } = report;
    await page.goto(report.url);
    await page.locator('.node').nth(3).waitFor();
    await openAll(page);
    expect(await page.locator('.slot-name').allTextContents()).toEqual([
      'node-1',
      'node-2',
      'node-3',
      'node-4',
    ]);
    expect(await page.locator('.board-rows a.row-label').allTextContents()).toEqual([
      ...['node-1', 'node-2', 'node-3', 'node-4'],
    ]);
    expect(await page.locator('.phases > li > strong').allTextContents()).toEqual([
      ...['image', 'install', 'post'],
      ...['image', 'install'],
      ...['image', 'install'],
      ...['image', 'install', 'post'],
    ]);
    await expect.poll(() => page.locator('.action-table tbody tr').count()).toBe(24);
    expect(await page.locator('.lane .bar.of-slot').count()).toBe(3);
    const failures = await page.locator('.failure').allTextContents();
    for (const [index, text] of [
      'nobody approved',
      'Kernel panic',
      'Unable to locate package htop',
    ].entries())
      expect(failures[index]).toContain(text);
    expect(await page.locator('.failure .hint').count()).toBe(3);
    expect(await page.locator('.changes').allTextContents()).toEqual([
      expect.stringMatching(/network\.hostname: old-name .* node-2/),
    ]);
  });

  it('shows what wants to be more than text as text', async () => {
    await using report = await prepare(hostileRun());
    await report.page.goto(report.url);
    await report.page.locator('.node').nth(3).waitFor();
    await openAll(report.page);
    expect(await report.page.evaluate('globalThis.broken')).toBeUndefined();
    expect(await report.page.locator('img').count()).toBe(0);
    expect(await report.page.locator('.failure pre').first().textContent()).toContain(HOSTILE);
    expect(report.complaints).toEqual([]);
  });

  it.each(['light', 'dark'] as const)(
    'can be read by everybody, narrow and wide, when it is %s',
    async (scheme) => {
      await mkdir(SCREENSHOTS, { recursive: true });
      const until = Date.parse('2026-11-29T10:08:20Z'); // node 4 is being written
      const events = eventfulRun().filter(({ at }) => Date.parse(at) < until);
      await using report = await prepare(events, { colorScheme: scheme });
      const { page } = report;
      await page.goto(report.url);
      await page.locator('.node').nth(3).waitFor();
      for (const width of [360, 800, 1600]) {
        await page.setViewportSize({ width, height: 900 });
        await page.screenshot({ path: path.join(SCREENSHOTS, `${width}-${scheme}.png`), fullPage: true });
        const wider = await page.evaluate('document.documentElement.scrollWidth - innerWidth');
        expect(wider, `at ${width} nothing sticks out`).toBeLessThanOrEqual(0);
      }
      await openAll(page);
      expect(await seriousFindings(page)).toEqual([]);
      await page.setViewportSize({ width: 360, height: 900 });
      expect(await seriousFindings(page)).toEqual([]);
    },
  );

  it('is walked through with the keyboard', async () => {
    await using report = await prepare(eventfulRun());
    const { page } = report;
    await page.goto(report.url);
    await page.locator('.node').nth(3).waitFor();
    const focused = () => page.evaluate('document.activeElement.textContent.trim()');
    await page.keyboard.press('Tab');
    expect(await focused()).toBe('Skip to the nodes');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    expect(await focused()).toMatch(/^node-1/);
    await page.keyboard.press('Enter');
    await page.locator('#node-1:not([open])').waitFor();

    // From a node's name elsewhere to what there is of it, which opens.
    await page.locator('.slot-name a').first().focus();
    await page.keyboard.press('Enter');
    await page.locator('#node-1[open]').waitFor();
    expect(await focused()).toMatch(/^node-1/);
  });

  const BIG: readonly [string, () => readonly RunEvent[], number, number][] = [
    ['four nodes with 500 actions each', () => sampleRun({ actions: 500 }), 4, 2000],
    ['twenty boards with four nodes each', () => sampleRun({ boards: 20 }), 80, 960],
  ];
  it.each(BIG)(
    'of %s is seen within a second, and never keeps the browser',
    async (_, run, nodes, actions) => {
      await using report = await prepare(run());
      let page = report.page;
      const { longestTask, firstPaint } = await measureQuickest(
        async () => (page = await page.context().newPage()),
        async (opened) => {
          await opened.goto(report.url);
          await opened
            .locator('.node')
            .nth(nodes - 1)
            .waitFor();
          await opened.locator('.node > summary').first().scrollIntoViewIfNeeded();
        },
      );
      expect(longestTask).toBeLessThan(100);
      expect(firstPaint).toBeLessThan(1000);
      expect(await page.locator('.slot:not(.is-empty)').count()).toBe(nodes);
      expect(await page.locator('.board-rows a.row-label').count()).toBe(nodes);
      const ticks = await page
        .locator('.ticks path')
        .evaluateAll((paths) =>
          paths.map((each) => (each as unknown as { getAttribute(name: string): string }).getAttribute('d')),
        );
      expect(ticks.join('').split('M').length - 1, 'every action has its tick').toBe(actions);
    },
  );
});
