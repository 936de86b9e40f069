import type { Context, InstalledNode, Journal, PhaseEnvironment } from '@turingpi/core/plugin';
import { withCleanup } from '@turingpi/foundation';
import type { ReadLogin } from '../login/recorded-login.js';
import type { OperatingSystem } from '../os/operating-system.js';
import { LazySession } from '../post-install/lazy-session.js';
import { performActions } from '../post-install/perform-actions.js';
import { SSH_RUNTIME } from '../services/tokens.js';
import type { DerivedAction } from './reconfiguration.js';

/** A node that is changed as it runs. */
export interface ChangedNode {
  readonly context: Context;
  readonly os: OperatingSystem;
  /** As it is on record, and as it is to be. */
  readonly before: InstalledNode;
  readonly after: InstalledNode;
  /** With which it lets us in now, and with which afterwards. */
  readonly login: ReadLogin;
  readonly loginAfter: ReadLogin;
  readonly actions: readonly DerivedAction[];
  /** Gives it another network, and returns when it is reached with that: between the actions and those after a login. */
  readonly move?: (() => Promise<void>) | undefined;
}

/** Each action looks first: there is nothing that need be kept of it before all are done. */
const EACH_TIME: Journal = {
  async perform(_action, _inputs, execute, facts) {
    await facts?.prepare?.();
    return execute();
  },
};

/**
 * Does the actions on a node, and makes sure that it lets us in afterwards before old ways in are taken away. Each time it
 * must show its own host key.
 *
 * @throws what an action throws, or a login; what was done until then stays, and is looked at again by the next run.
 */
export async function applyInPlace(node: ChangedNode, phase: PhaseEnvironment): Promise<void> {
  const { context, os, before, after, login, loginAfter, actions, move } = node;
  /** With a connection of its own, which is given back at the end: whoever holds two could wait for a third forever. */
  const perform = (some: readonly DerivedAction[], installed: InstalledNode, how: ReadLogin) =>
    withCleanup(
      (cleanup) =>
        performActions(
          { context, os, installed, login: how, phase: { ...phase, cleanup }, journal: EACH_TIME },
          async (_local, _remote, act) => {
            for (const { action, input } of some) await act(action, await input());
          },
        ),
      (error) => phase.logger.warn({ err: error }, 'the connection could not be ended'),
    );
  const first = actions.filter(({ afterLogin = false }) => !afterLogin);
  const last = actions.filter(({ afterLogin = false }) => afterLogin);
  await perform(first, before, login);
  await move?.();
  {
    const ssh = context.service(SSH_RUNTIME);
    await using session = new LazySession(context, ssh, os, after, loginAfter, phase);
    await session.open();
  }
  await perform(last, after, loginAfter);
}
