import type { BoardProfile } from '../board/board-profile.js';
import type { IncomingRequest } from './incoming-request.js';
import { emptyReply, NO_REPLY, type Reply } from './reply.js';

/**
 * The board's port 80: an unauthenticated `/info`, and a redirect for everything else
 * (docs/reference/bmc-protocol.md, "Port 80"); the fork's redirects always, and behind a firewall nothing ever comes.
 */
export function answerPort80(
  profile: BoardProfile,
  request: IncomingRequest,
  { info, httpsPort }: { readonly info: () => Reply; readonly httpsPort: () => number },
): Reply | typeof NO_REPLY {
  if (profile.port80Silent === true) return NO_REPLY;
  const infoPath = profile.transfers23 ? '/info' : '/api/bmc/info';
  if (!profile.fork && request.method === 'GET' && request.path === infoPath) return info();
  // The port is always appended, also to a Host that has one: the daemon's own mistake.
  return emptyReply(308, {
    location: `https://${request.header('host') ?? ''}:${httpsPort()}${request.target}`,
  });
}
