import type { IncomingMessage, ServerResponse } from 'node:http';
import type { BuiltPage } from '../page/built-page.js';
import { pageHtml } from '../page/page-html.js';
import type { RunSource } from '../run-source.js';
import type { EventLog } from './event-log.js';
import { foreignRequest } from './foreign-request.js';
import type { OneTimeToken } from './one-time-token.js';
import { SECURITY_HEADERS } from './security-headers.js';
import { streamEvents } from './stream-events.js';

export interface DashboardRoutes {
  readonly page: BuiltPage;
  readonly source: RunSource;
  readonly log: EventLog;
  readonly token: OneTimeToken;
  readonly port: number;
  readonly signal: AbortSignal;
}

interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Answers one request. */
export async function answer(
  routes: DashboardRoutes,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  for (const [name, value] of Object.entries(SECURITY_HEADERS)) response.setHeader(name, value);
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
  const asked = `${request.method ?? ''} ${pathname}`;
  const refused = admission(routes, request, asked, searchParams.get('token'));
  if (refused === undefined && asked === 'GET /events') {
    await streamEvents(routes.log, request, response, routes.signal);
    return;
  }
  const { status, headers, body } = refused ?? (await replyTo(routes, asked));
  response.writeHead(status, headers).end(body);
}

/** What those get who do not have the cookie, or get it now; nothing for those who have. */
function admission(
  { token, port }: DashboardRoutes,
  request: IncomingMessage,
  asked: string,
  given: string | null,
): Reply | undefined {
  const foreign = foreignRequest(request, port);
  if (foreign !== undefined) return said(403, foreign);
  const isHeld = token.isHeldBy(request.headers);
  if (asked === 'GET /' && given !== null) {
    const cookie = token.redeem(given);
    // Once more, with nothing in the address that would be kept in a history.
    if (cookie !== undefined || isHeld)
      return { status: 303, headers: { Location: '/', ...(cookie && { 'Set-Cookie': cookie }) }, body: '' };
  }
  return isHeld ? undefined : said(403, NOT_ADMITTED);
}

const NOT_ADMITTED =
  'The address of this page opens it once, in one browser. Run the command again for another address.';

async function replyTo({ page, source }: DashboardRoutes, asked: string): Promise<Reply> {
  switch (asked) {
    case 'GET /':
      return content('text/html', livePage(source));
    case 'GET /page.js':
      return content('text/javascript', page.script);
    case 'GET /page.css':
      return content('text/css', page.style);
    case 'POST /cancel':
      return await cancel(source);
    default:
      return said(404, 'There is nothing here.');
  }
}

function livePage(source: RunSource): string {
  return pageHtml({
    title: 'turingpi run',
    head: [
      '<meta name="color-scheme" content="light dark">',
      ...(source.cancel === undefined ? [] : ['<meta name="turingpi-cancel" content="yes">']),
      '<link rel="stylesheet" href="/page.css">',
      '<script src="/page.js" defer></script>',
    ],
    body: [],
  });
}

async function cancel(source: RunSource): Promise<Reply> {
  if (source.cancel === undefined) return said(409, 'This run cannot be cancelled from here.');
  try {
    await source.cancel();
    return said(202, 'The run was asked to end.');
  } catch (error) {
    return said(502, error instanceof Error ? error.message : String(error));
  }
}

function content(type: string, body: string): Reply {
  return { status: 200, headers: { 'Content-Type': `${type}; charset=utf-8` }, body };
}

function said(status: number, text: string): Reply {
  return { status, headers: { 'Content-Type': 'text/plain; charset=utf-8' }, body: `${text}\n` };
}
