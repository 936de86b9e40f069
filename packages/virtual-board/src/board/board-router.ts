import { answerType } from '../api/api-types.js';
import { backupReply } from '../api/backup.js';
import { storeNodeInfo } from '../api/node-info.js';
import { factoryGate } from '../fork/factory-gate.js';
import { answerForkPath } from '../fork/fork-paths.js';
import { bearerOfSubprotocol, liveConsole } from '../fork/live-console.js';
import { refuseSecondFirmware } from '../fork/staged-firmware.js';
import { actAs, ON_THE_BOARD } from '../hardware/actor.js';
import { BodyAborted, type IncomingRequest } from '../http/incoming-request.js';
import { Query } from '../http/query.js';
import { emptyReply, envelope, NO_REPLY, type Outcome, textReply, webUi } from '../http/reply.js';
import { RequestError } from '../http/request-error.js';
import { runSerialSession } from '../http/serial-websocket.js';
import { startTransfer } from '../transfer/transfer-service.js';
import { receiveUpload } from '../transfer/upload.js';
import type { BoardRoutes } from './board-routes.js';

const API = '/api/bmc';
const PROBE_MS = 250;

/**
 * Answers a request on port 443: authentication, the global lock, then the routes
 * (docs/reference/bmc-protocol.md, "Bodies and errors", "Login and tokens" and "Choosing a route").
 */
export async function routeRequest(routes: BoardRoutes, request: IncomingRequest): Promise<Outcome> {
  const isApi = request.path === API || request.path.startsWith(`${API}/`);
  const remote = routes.treatLoopbackAsRemote || !isLoopback(request.peer);
  const uiNeedsLogin = !routes.api.profile.transfers23;
  if (!remote) return isApi ? actAs(ON_THE_BOARD, () => answerApi(routes, request)) : webUi(request.method);
  if (!isApi && !uiNeedsLogin) return webUi(request.method);
  if (request.path === `${API}/authenticate`) {
    const body = await request.readBytes();
    return locked(routes, () => routes.authenticator.login(request.peer, body));
  }
  return locked(routes, () => {
    const authorization = authorizationOf(routes, request);
    const refused =
      routes.authenticator.refuse(request.peer, authorization) ??
      (isApi ? factoryGate(routes, request.path) : undefined);
    if (refused || !isApi) return refused ?? webUi(request.method);
    const client = routes.authenticator.accountOf(authorization);
    return actAs({ client, cause: 'request' }, () => answerApi(routes, request));
  });
}

/**
 * The daemon holds the lock of its authentication state until a route has its response
 * (docs/reference/bmc-protocol.md, "One lock for all clients").
 */
async function locked(routes: BoardRoutes, answer: () => Outcome | Promise<Outcome>): Promise<Outcome> {
  const release = await routes.lock.acquire();
  try {
    return await answer();
  } finally {
    release();
  }
}

async function answerApi(routes: BoardRoutes, request: IncomingRequest): Promise<Outcome> {
  if (request.path === API) return answerResource(routes, request);
  const [first, second, third, ...rest] = request.path.slice(API.length + 1).split('/');
  const since23 = routes.api.profile.transfers23;
  const ofFork = await answerForkPath(routes, request, request.path.slice(API.length));
  if (ofFork) return ofFork;
  if (first === 'upload' && second && rest.length === 0) {
    if (request.method === 'POST' && third === undefined) return answerUpload(routes, request, second);
    if (request.method === 'GET' && third === 'cancel') {
      routes.transfers.slot.cancel();
      return emptyReply(200);
    }
  }
  if (first === 'backup' && second === undefined && request.method === 'GET')
    return backupReply(routes.backupFiles());
  if (
    since23 &&
    first === 'serial' &&
    second === 'status' &&
    third === undefined &&
    request.method === 'POST'
  )
    return textReply(JSON.stringify(Array.from({ length: 4 }, () => 'Running')));
  if (since23 && first === 'serial' && second === 'ws' && third === undefined && !rest.length)
    return answerSerialSession(routes, request);
  return webUi(request.method);
}

async function answerSerialSession(routes: BoardRoutes, request: IncomingRequest): Promise<Outcome> {
  const key = request.header('sec-websocket-key');
  if (request.method !== 'GET' && request.method !== 'POST') return webUi(request.method);
  return bareText(routes, async () => {
    const slot = routes.api.hardware.slot(new Query(request.rawQuery).node());
    if (request.header('upgrade')?.toLowerCase() !== 'websocket' || key === undefined)
      throw new RequestError(400, 'No WebSocket Upgrade header found');
    if (routes.api.profile.fork) return liveConsole(slot, routes.api.hardware.clock);
    return { status: 101, bytes: await runSerialSession(key, slot.uart, routes.api.hardware.clock) };
  });
}

async function answerResource(routes: BoardRoutes, request: IncomingRequest): Promise<Outcome> {
  const query = new Query(request.rawQuery);
  const { fork } = routes.api.profile;
  const asks = (opt: string, ...types: readonly string[]): boolean =>
    fork
      ? query.firstRaw('opt') === opt && types.includes(query.firstRaw('type') ?? '')
      : types.some((type) => query.mentions(`type=${type}`, `opt=${opt}`));
  if (request.method === 'GET') {
    if (asks('set', 'flash', 'firmware'))
      return bareText(routes, async () => {
        if (fork) await refuseSecondFirmware(routes.transfers, query);
        return await startTransfer(routes.transfers, query);
      });
    if (asks('get', 'flash', 'firmware')) return textReply(routes.transfers.slot.statusText());
    return answerType(routes.api, query);
  }
  const storesNodeInfo = request.method === 'POST' && asks('set', 'node_info');
  if (storesNodeInfo && routes.api.profile.transfers23)
    return storeNodeInfo(routes.api, request.header('content-type'), await request.readBytes());
  return emptyReply(405, { allow: 'GET, GET, POST, GET' });
}

async function answerUpload(routes: BoardRoutes, request: IncomingRequest, handle: string): Promise<Outcome> {
  routes.watchUpload(request);
  const probing = setInterval(() => routes.probe(request.connection), PROBE_MS);
  const contentType = routes.spoilsForms() ? undefined : request.header('content-type');
  const environment = { ...routes.transfers, clock: routes.api.hardware.clock };
  try {
    return await bareText(routes, () =>
      receiveUpload(environment, handle, contentType, () => request.readBody(), request.aborted),
    );
  } catch (cause) {
    if (cause instanceof BodyAborted) return NO_REPLY;
    throw cause;
  } finally {
    clearInterval(probing);
    request.leaveUnread();
  }
}

/**
 * Routes of the flash family lose the status of their errors: always 500 and bare text
 * (docs/reference/bmc-protocol.md, "Bodies and errors"). The fork's keep it.
 */
async function bareText(routes: BoardRoutes, answer: () => Promise<Outcome>): Promise<Outcome> {
  try {
    return await answer();
  } catch (cause) {
    if (cause instanceof RequestError)
      return routes.api.profile.fork?.statusInEnvelope === true
        ? envelope(cause.message, cause.status)
        : textReply(cause.message, 500);
    throw cause;
  }
}

/** The fork takes the token of a handshake also as a subprotocol, which is all that a browser can send. */
function authorizationOf({ api }: BoardRoutes, request: IncomingRequest): string | undefined {
  const header = request.header('authorization');
  if (header !== undefined || !api.profile.fork || request.header('upgrade') === undefined) return header;
  return bearerOfSubprotocol(request.header('sec-websocket-protocol'));
}

function isLoopback(address: string): boolean {
  return address === '::1' || /^(?:::ffff:)?127\./.test(address);
}
