import type { BoardRoutes } from '../board/board-routes.js';
import { problemReply, type Reply } from '../http/reply.js';

/** The password that every board is shipped with. */
const FACTORY_PASSWORD = 'turing';
/**
 * What a board in that state still serves, besides the login
 * (docs/reference/bmc-protocol.md, "Fork: factory password").
 */
const OPEN_PATHS: ReadonlySet<string> = new Set(['/api/bmc/access', '/api/bmc/access/password']);

/** Refuses everything while `root` has the password of the factory; undefined lets a request through. */
export function factoryGate({ api, authenticator }: BoardRoutes, path: string): Reply | undefined {
  if (api.profile.fork?.factoryGate !== true || OPEN_PATHS.has(path)) return undefined;
  if (!hasFactoryPassword(authenticator)) return undefined;
  return problemReply(
    403,
    'This board is still using its factory password',
    'This board is still using the password it shipped with, which is printed in the quick-start guide and is the same on every board. Until it is changed, this is the only thing it will do. Change it from the interface, or POST /api/bmc/access/password.',
  );
}

/** Only `root` and only this password matter, whoever asks. */
export function hasFactoryPassword(accounts: { passwordOf(username: string): string | undefined }): boolean {
  return accounts.passwordOf('root') === FACTORY_PASSWORD;
}
