import type { Context, InstalledNode, Journal, PhaseEnvironment } from '@turingpi/core/plugin';
import { askNode } from '../installation/ask-node.js';
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
}

/** Each action looks first: there is nothing that need be kept of it before all are done. */
const EACH_TIME: Journal = {
  async perform(_action, _inputs, execute, facts) {
    await facts?.prepare?.();
    return execute();
  },
};

/**
 * Does the actions on a node, and makes sure that it lets us in afterwards before old ways in are taken away. It is reached
 * by its own host key alone, wherever it is.
 *
 * @throws what an action throws, or a login; what was done until then stays, and is looked at again by the next run.
 */
export async function applyInPlace(node: ChangedNode, phase: PhaseEnvironment): Promise<void> {
  const { context, os, before, after, login, loginAfter, actions } = node;
  const common = { context, os, phase, journal: EACH_TIME };
  const doing =
    (some: readonly DerivedAction[]) =>
    async (...[, , perform]: Parameters<Parameters<typeof performActions>[1]>) => {
      for (const { action, input } of some) await perform(action, await input());
    };
  const first = actions.filter(({ afterLogin = false }) => !afterLogin);
  const last = actions.filter(({ afterLogin = false }) => afterLogin);
  const address = await addressNow(node, phase.signal);
  await performActions({ ...common, installed: before, login, address }, doing(first));
  {
    await using session = new LazySession(
      context,
      context.service(SSH_RUNTIME),
      os,
      after,
      loginAfter,
      phase,
    );
    await session.open();
  }
  await performActions({ ...common, installed: after, login: loginAfter }, doing(last));
}

/** Where the node is: at its new address already, after a run that did not come to its end, or still at the old one. */
async function addressNow({ context, os, before }: ChangedNode, signal: AbortSignal): Promise<string> {
  const { node } = context;
  if (before.ipAddress === node.ipAddress || node.config.ssh?.host !== undefined) return node.ipAddress;
  const { hostKeys } = before;
  const answer = await askNode(os, { context, node, hostKeys, signal });
  return answer.answer === 'expected' ? node.ipAddress : before.ipAddress;
}
