import type { Context, NamedInputs } from '@turingpi/core/plugin';
import { TuringPiError } from '@turingpi/foundation';
import { planCredentials } from '../credential/credential-plan.js';
import { KeptRequests } from '../image/kept-request.js';
import type { NetworkConfig } from '../image/network-config.js';
import { PRE_INSTALL } from '../image/name-changed-files.js';
import { connectNode } from '../login/connect-node.js';
import { operatingSystemOf } from '../os/operating-systems.js';
import { lookOnNode } from '../post-install/on-node.js';
import type { PreviewedAction } from '../post-install/previewed-action.js';
import { filesInPlace } from '../reconfiguration/file-actions.js';
import type { NetworkInPlace } from '../reconfiguration/network-in-place.js';
import type { DerivedAction } from '../reconfiguration/reconfiguration.js';
import type { PlannedStep } from '../workflow/planned-steps.js';
import type { DriftedPart } from './drifted-part.js';
import { unappliedSettings } from './unapplied-settings.js';

/** What is asked about: each action by its id, with its input. */
interface Asked extends DerivedAction {
  readonly kind: DriftedPart['kind'];
}

/** A network as it was written, and who knows how it is compared. */
interface AskedNetwork {
  readonly how: NetworkInPlace;
  readonly wanted: NetworkConfig;
}

/** The settings of an image that can be compared on its node. */
interface ComparedSettings {
  readonly actions: readonly DerivedAction[];
  readonly network?: AskedNetwork;
  /** What the node was asked to be, by name. */
  readonly onRecord?: NamedInputs;
}

/**
 * Compares a node as it runs with the settings on record of it, and with its steps; and these settings with those that are
 * asked for by now. Nothing is changed, here or there.
 *
 * @param steps - what is done after its installation; handlers of changes are none of it
 * @param wanted - its settings by now, as far as they are known without the base image; default: those on record
 * @throws ProvisioningError `NODE_NOT_INSTALLED`; RuntimeError when it is not reached, or shows another host key.
 */
export async function driftOfNode(
  context: Context,
  steps: readonly PlannedStep[],
  baseDir: string,
  wanted?: NamedInputs,
): Promise<readonly DriftedPart[]> {
  const { actions, network, onRecord } = await settingsOf(context);
  const asked: readonly Asked[] = [
    ...actions.map((one) => ({ ...one, kind: 'setting' as const })),
    ...steps.map(({ action, input }) => ({ action: action.id, input: () => input, kind: 'action' as const })),
  ];
  const parts: DriftedPart[] = [];
  let looked: PreviewedAction | undefined;
  await lookOnNode(
    context,
    async (_local, _remote, perform) => {
      for (const { kind, action, input } of asked) {
        looked = undefined;
        let why: string | undefined;
        try {
          await perform(action, await input(), baseDir);
        } catch (error) {
          if (!isOfAction(error)) throw error;
          why = error.message;
        }
        parts.push(partOf(kind, action, looked, why));
      }
    },
    (previewed) => (looked = previewed),
  );
  if (onRecord !== undefined && wanted !== undefined) parts.push(...unappliedSettings(onRecord, wanted));
  // After the others: whoever holds two connections could wait for a third forever.
  return network === undefined ? parts : [...parts, ...(await networkDrift(context, network))];
}

/** Whether the files of its network are as they were written. */
async function networkDrift(
  context: Context,
  { how, wanted }: AskedNetwork,
): Promise<readonly DriftedPart[]> {
  const common = { kind: 'setting', action: 'network' } as const;
  const note = wanted.ipCidr ?? 'DHCP';
  try {
    await using session = await connectNode(context);
    const differences = await how.compare(session, wanted, context.signal);
    if (differences.length === 0) return [{ ...common, note, state: 'unchanged' }];
    return differences.map(({ path, diff }) => ({
      ...{ ...common, note: path, state: 'would change' },
      ...(diff !== undefined && { diff }),
    }));
  } catch (error) {
    if (!isOfAction(error)) throw error;
    return [{ ...common, note, state: 'cannot tell', why: error.message }];
  }
}

function partOf(
  kind: DriftedPart['kind'],
  id: string,
  looked: PreviewedAction | undefined,
  why: string | undefined,
): DriftedPart {
  if (looked === undefined) return { kind, action: id, note: '', state: 'cannot tell', why: why ?? '' };
  const { action, note, wouldChange, diff } = looked;
  const common = { kind, action, note };
  if (wouldChange === undefined) return { ...common, state: 'cannot tell', why: 'it does not look first' };
  if (!wouldChange) return { ...common, state: 'unchanged' };
  return { ...common, state: 'would change', ...(diff !== undefined && { diff }) };
}

/** Whether an error is about what an action found, and not about the connection. */
function isOfAction(error: unknown): error is TuringPiError {
  return TuringPiError.is(error) && !['connection', 'authentication', 'blocked'].includes(error.category);
}

/** What was asked of the image that is on the node, as far as its system knows how that is compared. */
async function settingsOf(context: Context): Promise<ComparedSettings> {
  const standing = await context.installedNode(context.node.id);
  if (standing?.image === undefined) return { actions: [] };
  const { installed, image } = standing;
  const kept = await new KeptRequests(context).read(image);
  const system = operatingSystemOf(context, installed.os);
  if (kept === undefined || system.reconfigure === undefined) return { actions: [] };
  const inputs = installed.inputs ?? {};
  const changes = Object.entries(inputs)
    .filter(([name]) => name !== PRE_INSTALL && name !== 'user.password')
    .map(([name, value]) => ({ name, before: value, after: value, tried: [] }));
  const { network, recording } = kept;
  const credentials = await planCredentials(kept.credentials ?? {}, context.environment);
  const found = await system.reconfigure({
    ...{ changes, image, network, credentials, username: installed.username },
    passwordSalt: () => Promise.reject(new TypeError('passwords are not compared')),
    installationRecord: () => Promise.reject(new TypeError('the record is not compared')),
  });
  const actions = found.filter(({ settings }) => settings.length > 0).flatMap((one) => one.actions);
  const how = found.find((one) => one.network !== undefined)?.network;
  return {
    actions: [...actions, ...(filesInPlace(undefined, recording, true).actions ?? [])],
    ...(how !== undefined && { network: { how, wanted: network } }),
    ...(installed.inputs !== undefined && { onRecord: installed.inputs }),
  };
}
