import type { Context, InPlaceQuestion, NamedInputs } from '@turingpi/core/plugin';
import { nodeName, type InputChange } from '@turingpi/foundation';
import type { ImageRecording } from '@turingpi/image/customization';
import type { CredentialPlan } from '../credential/credential-plan.js';
import { imageSecretsOf } from '../generation/image-secrets.js';
import { renderInstallationRecord } from '../generation/installation-record.js';
import type { NetworkConfig } from '../image/network-config.js';
import { KeptRequests } from '../image/kept-request.js';
import { PRE_INSTALL } from '../image/name-changed-files.js';
import type { OperatingSystem } from '../os/operating-system.js';
import { filesInPlace } from './file-actions.js';
import type { NetworkInPlace } from './network-in-place.js';
import type { DerivedAction, SettingChange, SettingsInPlace } from './reconfiguration.js';

/** What a node is to be. */
export interface WantedNode {
  readonly inputs: NamedInputs;
  readonly network: NetworkConfig;
  readonly credentials: CredentialPlan | undefined;
  readonly recording: ImageRecording | undefined;
}

/** What becomes of each difference, and what is done for them. */
export interface PlannedInPlace {
  readonly changes: readonly InputChange[];
  /** In their order; undefined where one of the differences needs a reinstallation. */
  readonly actions: readonly DerivedAction[] | undefined;
  /** How its network is changed; undefined where that stays as it is. */
  readonly network: NetworkInPlace | undefined;
}

/** Finds out which differences from a finished node can be made true as it runs, and by which actions. Reaches nothing. */
export async function planInPlace(
  context: Context,
  system: OperatingSystem,
  question: InPlaceQuestion,
  wanted: WantedNode,
): Promise<PlannedInPlace> {
  const { image, installed, changes, tried } = question;
  const asked = changes.filter(({ name }) => name !== PRE_INSTALL);
  const settings = asked.map(({ name }): SettingChange => ({
    name,
    ...{ before: image.inputs?.[name], after: wanted.inputs[name], tried: tried[name] ?? [] },
  }));
  const { generation = 1, recipe = image.recipe ?? 1 } = installed;
  const secrets = () => imageSecretsOf(context, generation);
  const found: readonly SettingsInPlace[] =
    (await system.reconfigure?.({
      ...{ changes: settings, image, network: wanted.network, credentials: wanted.credentials },
      username: installed.username,
      passwordSalt: async () => (await secrets()).passwordSalt,
      installationRecord: async () => {
        const { boardId } = await secrets();
        const { id, config } = context.node;
        return renderInstallationRecord({
          ...{ id: installed.installationId, node: nodeName(id), board: config.board },
          ...(boardId !== undefined && { boardId }),
          ...{ generation, recipe, inputs: wanted.inputs },
        });
      },
    })) ?? [];
  const told = asked.map((change) => toldOf(change, found));
  const files = await filesOf(context, system, question, wanted);
  const all = [...told, ...(files?.changes ?? [])];
  const isPossible =
    system.reconfigure !== undefined &&
    all.every(({ takesEffect }) => takesEffect === 'in place') &&
    (files === undefined || files.actions !== undefined);
  return {
    changes: isPossible ? all : all.map(waiting),
    network: found.find(({ network }) => network !== undefined)?.network,
    actions: isPossible ? [...found.flatMap(({ actions }) => actions), ...(files?.actions ?? [])] : undefined,
  };
}

/** Said of what is applied in place, while something else needs a reinstallation: then nothing is. */
const WAITS = 'once nothing else needs a reinstallation';

/** In place of what would be left alone: after a reinstallation there is nothing of it. */
function waiting(change: InputChange): InputChange {
  return change.takesEffect === 'in place' ? { ...change, note: WAITS } : change;
}

function toldOf(change: InputChange, found: readonly SettingsInPlace[]): InputChange {
  const by = found.find(({ settings }) => settings.includes(change.name));
  if (by === undefined) return { ...change, takesEffect: 'by a reinstallation' };
  const notes = [change.note, by.leaves].filter((note) => note !== undefined);
  return {
    ...change,
    takesEffect: 'in place',
    ...(notes.length > 0 && { note: notes.join('; ') }),
  };
}

/** Undefined where files are no part of what differs. */
async function filesOf(
  context: Context,
  system: OperatingSystem,
  { changes, image, tried }: InPlaceQuestion,
  { recording }: WantedNode,
) {
  const change = changes.find(({ name }) => name === PRE_INSTALL);
  if (change === undefined) return undefined;
  const kept = await new KeptRequests(context).read(image);
  const files = filesInPlace(
    kept?.recording,
    recording,
    tried[PRE_INSTALL] !== undefined || kept === undefined,
  );
  if (system.reconfigure === undefined)
    return {
      actions: undefined,
      changes: files.changes.map((one): InputChange => ({ ...one, takesEffect: 'by a reinstallation' })),
    };
  // That something differs is told also where nobody knows any more what.
  const how = files.actions === undefined ? 'by a reinstallation' : 'in place';
  return files.changes.length > 0 ? files : { ...files, changes: [{ ...change, takesEffect: how } as const] };
}
