import type { Context, InstalledNode, Journal, PhaseEnvironment } from '@turingpi/core/plugin';
import { ACTIONS, actionsOf } from '../action/actions.js';
import type { ReadLogin } from '../login/recorded-login.js';
import type { OperatingSystem } from '../os/operating-system.js';
import { LOCAL_RUNTIME, SSH_RUNTIME } from '../services/tokens.js';
import { actionMethods } from './action-methods.js';
import { ActionPerformer } from './action-performer.js';
import { LazySession } from './lazy-session.js';
import type { PostInstallCallback } from './post-install-callback.js';
import type { PreviewedAction } from './previewed-action.js';

/** What a callback's actions are done with. */
export interface ActionsOfNode {
  readonly context: Context;
  readonly os: Pick<OperatingSystem, 'access' | 'readModule' | 'title'>;
  readonly installed: InstalledNode;
  readonly login: ReadLogin;
  readonly phase: Pick<PhaseEnvironment, 'signal' | 'progress' | 'take' | 'cleanup'>;
  readonly journal: Journal;
  /** Nothing is done: told of each action what it would do. */
  readonly onPreview?: ((previewed: PreviewedAction) => void) | undefined;
  /** Milliseconds in which the node must let us in; default: as of a session. */
  readonly connectMs?: number;
}

/** Gives a callback its actions, and waits for those that it did not await. */
export async function performActions(
  { context, os, installed, login, phase, journal, onPreview, connectMs }: ActionsOfNode,
  callback: PostInstallCallback,
): Promise<void> {
  const session = phase.cleanup.use(
    'SSH session',
    new LazySession(context, context.service(SSH_RUNTIME), os, installed, login, phase, connectMs),
  );
  const secrets = [login.password, context.credentials.ssh.password].filter((secret) => secret !== undefined);
  const local = context.service(LOCAL_RUNTIME);
  const performer = new ActionPerformer({ context, phase, journal, session, local, secrets, onPreview });
  const methods = actionMethods(actionsOf(context.extensions), (action, input) =>
    performer.perform(action, input),
  );
  await callback(methods.local, methods.remote, (actionId, input, baseDir) =>
    performer.perform(context.extensions.get(ACTIONS, actionId), () => input, baseDir),
  );
  await performer.drain();
}
