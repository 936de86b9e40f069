import type { IncomingMessage, ServerResponse } from 'node:http';
import type { BuiltPage } from '../page/built-page.js';
import { pageHtml } from '../page/page-html.js';
import { foreignRequest } from './foreign-request.js';
import type { OneTimeToken } from './one-time-token.js';
import type { PageContent } from './page-content.js';
import { SECURITY_HEADERS } from './security-headers.js';
import { streamEvents } from './stream-events.js';

export interface DashboardRoutes {
  readonly page: BuiltPage;
  readonly content: PageContent;
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
  const given = searchParams.get('token') ?? undefined;
  const refused = refusalOf(routes, request, asked, given);
  if (refused === undefined && asked === 'GET /events') {
    await streamEvents(routes.content.stream, request, response, routes.signal);
    return;
  }
  const reply = refused ?? (await replyTo(routes, asked, request, searchParams));
  response.writeHead(reply.status, reply.headers).end(reply.body);
}

/** What tells nothing of what the page is about: a browser asks for it before a script of ours can say who it is. */
const OPEN_TO_ALL: readonly string[] = ['GET /', 'GET /page.js', 'GET /page.css', 'POST /session'];

/** What those get who may not see what they ask for; nothing for those who may. */
function refusalOf(
  { token, port }: DashboardRoutes,
  request: IncomingMessage,
  asked: string,
  given: string | undefined,
): Reply | undefined {
  const foreign = foreignRequest(request, port);
  if (foreign !== undefined) return said(403, foreign);
  if (given !== undefined && !token.isToken(given)) return said(403, NOT_ADMITTED);
  return OPEN_TO_ALL.includes(asked) || token.isHeldBy(request.headers) ? undefined : said(403, NOT_ADMITTED);
}

const NOT_ADMITTED =
  'The address of this page opens it once, in one tab. Run the command again for another address.';

async function replyTo(
  { page, content, token }: DashboardRoutes,
  asked: string,
  { headers }: IncomingMessage,
  words: URLSearchParams,
): Promise<Reply> {
  switch (asked) {
    case 'GET /':
      return body('text/html', livePage(content));
    case 'GET /page.js':
      return body('text/javascript', page.script);
    case 'GET /page.css':
      return body('text/css', page.style);
    case 'POST /session': {
      const session = token.redeem(headers);
      return session === undefined ? said(403, NOT_ADMITTED) : body('text/plain', session);
    }
    case 'POST /cancel':
      return await cancel(content, words.get('what') ?? undefined);
    default:
      return said(404, 'There is nothing here.');
  }
}

function livePage({ title, kind, cancel }: PageContent): string {
  return pageHtml({
    title,
    head: [
      '<meta name="color-scheme" content="light dark">',
      `<meta name="turingpi-page" content="${kind}">`,
      ...(cancel === undefined ? [] : ['<meta name="turingpi-cancel" content="yes">']),
      '<link rel="stylesheet" href="/page.css">',
      '<script src="/page.js" defer></script>',
    ],
    body: [],
  });
}

async function cancel(content: PageContent, what: string | undefined): Promise<Reply> {
  if (content.cancel === undefined) return said(409, content.notCancelled);
  try {
    await content.cancel(what);
    return said(202, content.cancelled);
  } catch (error) {
    return said(502, error instanceof Error ? error.message : String(error));
  }
}

function body(type: string, text: string): Reply {
  return { status: 200, headers: { 'Content-Type': `${type}; charset=utf-8` }, body: text };
}

function said(status: number, text: string): Reply {
  return { status, headers: { 'Content-Type': 'text/plain; charset=utf-8' }, body: `${text}\n` };
}
