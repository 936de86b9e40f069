import type { Context, Journal } from '@turingpi/core/plugin';
import { nodeArgument, withCleanup } from '@turingpi/foundation';
import { readLogin } from '../login/recorded-login.js';
import { operatingSystemOf } from '../os/operating-systems.js';
import { ProvisioningError } from '../provisioning-error.js';
import { performActions } from './perform-actions.js';
import type { PostInstallCallback, PostInstallerOptions } from './post-install-callback.js';

/** Does each action, and keeps no record of it. */
const UNRECORDED: Journal = {
  async perform(_action, _inputs, execute, facts) {
    await facts?.prepare?.();
    return execute();
  },
};

/**
 * Does actions on a node as it runs now, outside the phases: what a hook of a run is for, as `beforeErase`. Nothing of it is
 * on record, and each call does them again.
 *
 * @throws ProvisioningError `NODE_NOT_INSTALLED` when no installation of the node is on record; what an action throws.
 */
export async function onNode(
  context: Context,
  callback: PostInstallCallback,
  options: PostInstallerOptions = {},
): Promise<void> {
  const { node, signal, logger } = context;
  const standing = await context.installedNode(node.id);
  if (standing === undefined)
    throw new ProvisioningError('NODE_NOT_INSTALLED', `no installation of ${node.hostname} is on record`, {
      hint: `\`turingpi adopt ${nodeArgument(node.id, node.board)}\` makes a record of what runs there.`,
    });
  const { installed } = standing;
  const os = operatingSystemOf(context, installed.os);
  const login = await readLogin(context, installed, options.password);
  const held = {
    signal,
    isOurs: () => Promise.resolve(true),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
  await withCleanup(
    (cleanup) => {
      const phase = {
        ...{ signal, cleanup, take: () => Promise.resolve(held) },
        progress: (progress: object) => logger.info(progress, 'outside the phases'),
      };
      return performActions({ context, os, installed, login, phase, journal: UNRECORDED }, callback);
    },
    (error) => logger.warn({ err: error }, 'the connection could not be ended'),
  );
}
