import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { Browser, BrowserContextOptions } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { largeFleet, sampleFleet, ToldFleet } from '../../packages/dashboard/src/fleet/told-fleet.fixture.js';
import { type FleetView, serveFleet } from '../../packages/dashboard/src/index.js';
import { ensureBuiltPage } from '../../packages/dashboard/src/page/built-page.fixture.js';
import { HOSTILE } from '../../packages/dashboard/src/sample-run.fixture.js';
import { requireTools } from '../support/site/require-tools.js';
import { launchBrowser, measureQuickest, seriousFindings, watch } from './browser.js';

const { missing } = requireTools('chromium');
/** To look at after a change of the page; not kept. */
const SCREENSHOTS = path.resolve(import.meta.dirname, '../../node_modules/.cache/dashboard-screenshots');

describe.skipIf(missing)('a fleet in a browser', () => {
  let browser: Browser;
  beforeAll(async () => {
    await ensureBuiltPage();
    browser = await launchBrowser();
  });
  afterAll(() => browser.close());

  async function open(source: ToldFleet, options: BrowserContextOptions = {}) {
    const dashboard = await serveFleet({ source, signal: new AbortController().signal });
    const context = await browser.newContext(options);
    const page = await context.newPage();
    const close = async () => {
      await context.close();
      await dashboard[Symbol.asyncDispose]();
    };
    return { source, dashboard, context, page, ...watch(page), [Symbol.asyncDispose]: close };
  }

  it('shows sites, boards, agents, rollouts and failures, what becomes of them, and asks nobody else', async () => {
    await using live = await open(new ToldFleet(sampleFleet()));
    const { page, source, dashboard } = live;
    await page.goto(dashboard.url);
    await page.getByRole('region', { name: 'south' }).waitFor();
    expect(new URL(page.url()).search, 'the token is gone from the address').toBe('');
    const text = async (selector: string) => (await page.locator(selector).allInnerTexts()).join('\n');
    expect(await text('.failure')).toMatch(
      /rack1, node 2[^]*BMC_FLASH_STALLED[^]*turingpi fleet up[^]*AGENT_LOST/,
    );
    expect(await text('.failure.is-blocked'), 'what is tried again is no failure yet').toContain(
      'AGENT_LOST',
    );
    expect(await text('.rollout')).toMatch(
      /second[^]*goes on[^]*2 boards at a time[^]*first[^]*too many boards/,
    );
    expect(await page.locator('.board-order').first().locator('li').allTextContents()).toEqual([
      ...['rack1 failed', 'rack2 running', 'rack3 waiting'],
    ]);
    const north = await page.getByRole('region', { name: 'north' }).innerText();
    expect(north).toMatch(/one\s+alive\s+last sign 12 s ago\s+two\s+silent\s+last sign 4 min 0 s ago/);
    expect(await page.getByRole('region', { name: 'south' }).innerText()).toMatch(
      /drained[^]*takes nothing new/,
    );
    expect(await page.getByRole('region', { name: 'west' }).innerText()).toContain('fleet agent --site west');
    const link = page.getByRole('article', { name: 'Board rack1' }).getByRole('link');
    expect(await link.getAttribute('href')).toContain('/workflows/labs%2Fboard%2Frack1');
    expect(await link.getAttribute('rel')).toContain('noreferrer');

    const toldAt = performance.now();
    source.tell(
      sampleFleet({ problem: 'Temporal does not answer (FLEET_ENGINE_UNREACHABLE)', rollouts: [] }),
    );
    await page.getByText('FLEET_ENGINE_UNREACHABLE').waitFor();
    expect(performance.now() - toldAt).toBeLessThan(1000);
    await page.getByText('None is known.').waitFor();
    source.end();
    await page.getByText('this is what was there then').waitFor();
    expect(live.complaints).toEqual([]);
    const { origin } = new URL(dashboard.url);
    expect(live.requests.filter((url) => !url.startsWith(origin) && url !== 'data:,')).toEqual([]);
  });

  it('has a rollout cancelled from the keyboard, after a question', async () => {
    await using live = await open(new ToldFleet(sampleFleet()));
    const { page, source, dashboard } = live;
    await page.goto(dashboard.url);
    await page.getByRole('button', { name: 'Cancel this rollout second' }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('dialog', { name: 'Cancel this rollout?' }).waitFor();
    expect(await seriousFindings(page)).toEqual([]);
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor({ state: 'hidden' });
    expect(source.cancelled, 'what has the focus first lets it run').toEqual([]);
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Cancel the rollout' }).focus();
    await page.keyboard.press('Enter');
    await expect.poll(() => source.cancelled).toEqual(['second']);
    source.tell(sampleFleet()); // it still runs: another picture does not let it be asked twice
    await page.getByRole('button', { name: 'Cancelling … second' }).waitFor();
    expect(live.complaints).toEqual([]);
  });

  it('tells a screen reader what has ended since, and nothing else', async () => {
    await using live = await open(new ToldFleet(sampleFleet()));
    const { page, source, dashboard } = live;
    await page.goto(dashboard.url);
    await page.getByRole('region', { name: 'south' }).waitFor();
    const region = page.getByRole('status');
    expect(await region.textContent()).toBe('');
    const { sites, rollouts } = sampleFleet();
    const completed = sites.map((site) => ({
      ...site,
      boards: site.boards.map((board) =>
        board.board === 'rack2' ? { ...board, state: 'completed' } : board,
      ),
    })) as FleetView['sites'];
    source.tell(
      sampleFleet({ sites: completed, rollouts: rollouts.map((one) => ({ ...one, state: 'stopped' })) }),
    );
    await expect
      .poll(() => region.textContent())
      .toBe('rack2 completed. The rollout second: stopped: too many boards failed');
  });

  it.each(['light', 'dark'] as const)(
    'can be read by everybody, narrow and wide, when it is %s, whatever things are called',
    async (colorScheme) => {
      await mkdir(SCREENSHOTS, { recursive: true });
      const sample = sampleFleet();
      const long = 'a-name-of-sixty-three-signs-which-is-as-long-as-a-name-may-be-here';
      const [north, ...others] = sample.sites;
      const hostile: FleetView = {
        ...sample,
        sites: [
          {
            ...north!,
            agents: [...north!.agents, { agent: HOSTILE, alive: true, seenAt: sample.at! }],
            boards: [
              ...north!.boards,
              {
                ...{ board: long, state: 'failed', rollout: long, page: 'javascript:globalThis.broken=1' },
                nodes: [
                  {
                    ...{ node: 1, state: 'failed', step: 'install' },
                    failure: { code: 'STEP_FAILED', message: HOSTILE, hint: HOSTILE },
                  },
                ],
              },
            ],
          },
          ...others,
        ],
      };
      await using live = await open(new ToldFleet(hostile), { colorScheme });
      const { page, dashboard } = live;
      await page.goto(dashboard.url);
      await page.getByRole('region', { name: 'south' }).waitFor();
      for (const width of [360, 800, 1600]) {
        await page.setViewportSize({ width, height: 900 });
        await page.screenshot({
          path: path.join(SCREENSHOTS, `fleet-${width}-${colorScheme}.png`),
          fullPage: true,
        });
        const wider = await page.evaluate('document.documentElement.scrollWidth - innerWidth');
        expect(wider, `at ${width} nothing sticks out`).toBeLessThanOrEqual(0);
      }
      expect(await seriousFindings(page)).toEqual([]);
      expect(await page.evaluate('globalThis.broken')).toBeUndefined();
      expect(await page.locator('img').count()).toBe(0);
      expect(await page.locator('a[href^="javascript"]').count()).toBe(0);
      expect(live.complaints).toEqual([]);
    },
  );

  it('of two hundred boards keeps no browser busy for long', async () => {
    await using live = await open(new ToldFleet(largeFleet(200)));
    await live.page.goto(live.dashboard.url);
    await live.page.locator('.fleet-board').nth(199).waitFor();
    const session = await live.page.evaluate(`JSON.stringify({ ...sessionStorage })`);
    await live.context.addInitScript(`Object.assign(sessionStorage, ${String(session)})`); // as a tab that is loaded again
    const { longestTask, firstPaint } = await measureQuickest(
      () => live.context.newPage(),
      async (page) => {
        await page.goto(new URL(live.dashboard.url).origin);
        await page.locator('.fleet-board').nth(199).waitFor();
      },
    );
    expect(longestTask).toBeLessThan(100);
    expect(firstPaint).toBeLessThan(1000);
  });
});
