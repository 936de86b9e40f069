import type { Context, Journal } from '@turingpi/core/plugin';
import { withCleanup } from '@turingpi/foundation';
import { installationOf } from '../login/installation-of.js';
import { readLogin } from '../login/recorded-login.js';
import { operatingSystemOf } from '../os/operating-systems.js';
import { performActions } from './perform-actions.js';
import type { PostInstallCallback, PostInstallerOptions } from './post-install-callback.js';
import type { PreviewedAction } from './previewed-action.js';

/** Milliseconds in which a node that is looked at must let us in: it is meant to be up, and nothing is to be done on it. */
const LOOK_MS = 20_000;

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
export function onNode(
  context: Context,
  callback: PostInstallCallback,
  options: PostInstallerOptions = {},
): Promise<void> {
  return actOnNode(context, callback, options);
}

/**
 * What actions would do on a node as it runs now: each looks, and nothing is changed.
 *
 * @param callback - as of {@link onNode}; of its actions none returns a result, so it must not depend on them
 * @returns What each action would do, in the order of the calls.
 * @throws As {@link onNode}; what an action throws that cannot be done as the node is.
 */
export async function previewOnNode(
  context: Context,
  callback: PostInstallCallback,
  options: PostInstallerOptions = {},
): Promise<readonly PreviewedAction[]> {
  const previewed: PreviewedAction[] = [];
  await lookOnNode(context, callback, (action) => previewed.push(action), options);
  return previewed;
}

/**
 * As {@link previewOnNode}, for who wants to be told of each action before the next one.
 *
 * @param onPreview - called before the promise of the action is fulfilled
 */
export function lookOnNode(
  context: Context,
  callback: PostInstallCallback,
  onPreview: (previewed: PreviewedAction) => void,
  options: PostInstallerOptions = {},
): Promise<void> {
  return actOnNode(context, callback, options, onPreview);
}

async function actOnNode(
  context: Context,
  callback: PostInstallCallback,
  options: PostInstallerOptions,
  onPreview?: (previewed: PreviewedAction) => void,
): Promise<void> {
  const { signal, logger } = context;
  const installed = await installationOf(context);
  const os = operatingSystemOf(context, installed.os);
  const login = await readLogin(context, installed, options.password);
  const limit = onPreview === undefined ? {} : { connectMs: LOOK_MS };
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
      const parts = { context, os, installed, login, phase, journal: UNRECORDED, onPreview, ...limit };
      return performActions(parts, callback);
    },
    (error) => logger.warn({ err: error }, 'the connection could not be ended'),
  );
}
