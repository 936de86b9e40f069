import type { Context, InstalledNode } from '@turingpi/core/plugin';
import type { Secret } from '@turingpi/foundation';
import { RuntimeError, type SshSession, type SshTarget } from '@turingpi/runtime';
import { locateNode, placesOf } from '../address/locate-node.js';
import { assertCommandsPossible } from '../os/commands-possible.js';
import { operatingSystemOf } from '../os/operating-systems.js';
import { SSH_RUNTIME } from '../services/tokens.js';
import { explainRefusal } from './explain-refusal.js';
import { installationOf } from './installation-of.js';
import { authenticationFor, sshTargetFor } from './node-login.js';
import { readLogin, type ReadLogin } from './recorded-login.js';

/** Where the node on record is logged in to, and with what. */
export interface NodeTarget {
  readonly installed: InstalledNode;
  readonly target: SshTarget;
  readonly login: ReadLogin;
}

/** Milliseconds for a node that is meant to be up already. */
const CONNECT_MS = 10_000;

export interface ConnectNodeOptions {
  /** The password that the workflow says, for where the record has none: one that was given as a value is in no record. */
  readonly password?: Secret | undefined;
}

/**
 * How a context's node is logged in to as it was installed: its address, its host keys, and what is there to log in with.
 * Only where record and configuration have another address each, both are asked.
 *
 * @throws ProvisioningError `NODE_NOT_INSTALLED`, `COMMANDS_IMPOSSIBLE`, `LOGIN_IMPOSSIBLE`.
 */
export async function nodeTargetOf(
  context: Context,
  { password }: ConnectNodeOptions = {},
): Promise<NodeTarget> {
  const installed = await installationOf(context);
  assertCommandsPossible(operatingSystemOf(context, installed.os), context.node.hostname);
  const recorded = await readLogin(context, installed);
  const login =
    recorded.password === undefined && password !== undefined
      ? { ...recorded, password, missing: undefined }
      : recorded;
  if (password !== undefined) context.registerSecret(password);
  const auth = await authenticationFor(context, login);
  const target = sshTargetFor(context, await asItAnswers(context, installed), auth);
  return { installed, target, login };
}

/** An installation with the address at which it is found: somebody may have given it the one of the configuration by hand. */
async function asItAnswers(context: Context, installed: InstalledNode): Promise<InstalledNode> {
  const places = placesOf(context, installed.ipAddress);
  if (places.length === 1) return installed;
  const system = operatingSystemOf(context, installed.os);
  const { hostKeys } = installed;
  const { address } = await locateNode({ context, system, hostKeys, places, signal: context.signal });
  return address === undefined ? installed : { ...installed, ipAddress: address };
}

/**
 * Logs in to a context's node as it was installed, for work outside of a run: once, without waiting for one that is off.
 *
 * @throws as {@link nodeTargetOf}; RuntimeError of the connection.
 */
export async function connectNode(context: Context, options: ConnectNodeOptions = {}): Promise<SshSession> {
  const { target, login } = await nodeTargetOf(context, options);
  const { signal } = context;
  return context
    .service(SSH_RUNTIME)
    .connect(target, { signal, connectTimeoutMs: CONNECT_MS })
    .catch((error: unknown) => {
      throw explainRefusal(error, login, context.node);
    });
}

/**
 * Sees to it that the machine at the node's address is the one on record, before another program connects to it.
 *
 * @throws RuntimeError `SSH_HOST_KEY_MISMATCH` with both fingerprints, `SSH_UNREACHABLE`.
 */
export async function assertIsNode(
  context: Context,
  { installed, target, login }: NodeTarget,
): Promise<void> {
  const { hostKeys } = installed;
  const { host, port = 22, jump } = target;
  const answer = await context
    .service(SSH_RUNTIME)
    .askHostKey({ host, port, hostKeys, jump }, { signal: context.signal, timeoutMs: CONNECT_MS });
  if (answer.answer === 'expected') return;
  if (answer.answer === 'none')
    throw new RuntimeError(
      'SSH_UNREACHABLE',
      `${context.node.hostname} at ${host} cannot be reached: ${answer.why}`,
    );
  throw explainRefusal(new RuntimeError('SSH_HOST_KEY_MISMATCH', answer.why), login, context.node);
}
