import { AsyncLocalStorage } from 'node:async_hooks';

/** Who makes the board do something. */
export interface Actor {
  /** Name of the account that a request came with; `board` for the daemon itself and for buttons. */
  readonly client: string;
  /** A request of that client, or what the worker of its transfer does later. */
  readonly cause: 'request' | 'transfer' | 'daemon';
}

/** A program on the BMC itself, which needs no login: none of ours. */
export const ON_THE_BOARD: Actor = { client: 'loopback', cause: 'request' };

const BOARD: Actor = { client: 'board', cause: 'daemon' };
const actors = new AsyncLocalStorage<Actor>();

/** Runs work in the name of an actor: everything that it begins is his, too. */
export function actAs<T>(actor: Actor, work: () => T): T {
  return actors.run(actor, work);
}

/** In whose name the running code works. */
export function currentActor(): Actor {
  return actors.getStore() ?? BOARD;
}
