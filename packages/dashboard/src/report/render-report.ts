import { createHash } from 'node:crypto';
import type { RunEvent } from '@turingpi/core/plugin';
import { withoutStaleProgress } from '../model/without-stale-progress.js';
import { type BuiltPage, readBuiltPage } from '../page/built-page.js';
import { pageHtml } from '../page/page-html.js';
import { embedJson } from './embed-json.js';

/**
 * A run as one HTML file that needs nothing else: it opens from a disk, without a network, and asks nobody for anything.
 *
 * @param events - of one run, from the first on; also of one that goes on
 * @throws DashboardError `DASHBOARD_PAGE_MISSING` - in a clone in which the page was not built
 */
export async function renderReport(events: Iterable<RunEvent>): Promise<string> {
  return reportOf(await readBuiltPage(), [...events]);
}

function reportOf(page: BuiltPage, events: readonly RunEvent[]): string {
  // What ends the element would end the script with it; in strings, where it can stand, this is the same.
  const script = page.script.replaceAll(/<(?=\/script|!--)/gi, '\\x3c');
  const { style } = page;
  const policy = [
    "default-src 'none'",
    `script-src ${hashOf(script)}`,
    `style-src ${hashOf(style)}`,
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  const [first] = events;
  return pageHtml({
    title: first === undefined ? 'turingpi run' : `turingpi run ${first.runId}`,
    head: [
      `<meta http-equiv="Content-Security-Policy" content="${policy}">`,
      `<meta name="color-scheme" content="light dark">`,
      `<style>${style}</style>`,
    ],
    body: [
      `<script type="application/json" id="events">${embedJson(withoutStaleProgress(events))}</script>`,
      `<script>${script}</script>`,
    ],
  });
}

function hashOf(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}
