import type {
  Context,
  InPlaceAnswer,
  InPlaceQuestion,
  InstalledNode,
  JsonValue,
  PhaseEnvironment,
  RecordedLogin,
  Standing,
  TriedSettings,
} from '@turingpi/core/plugin';
import type { InputChange } from '@turingpi/foundation';
import { locateNode, placesOf } from '../address/locate-node.js';
import { holderOf, moveNode, stepsAsideTo, withAddress } from '../address/move-node.js';
import { type MovedNode, NodeMove } from '../address/node-move.js';
import { isHashedPassword } from '../credential/hashed-password.js';
import type { NetworkConfig } from '../image/network-config.js';
import { KeptRequests } from '../image/kept-request.js';
import { type ReadLogin, readLogin } from '../login/recorded-login.js';
import type { OperatingSystem } from '../os/operating-system.js';
import { applyInPlace } from '../reconfiguration/apply-in-place.js';
import { planInPlace } from '../reconfiguration/plan-in-place.js';
import { NODE_ADDRESSES } from '../services/tokens.js';
import type { FinishedImage } from './finish-image.js';

/** What its node is to be, and how it is logged in to then. */
interface ChangedInstallation {
  readonly finished: FinishedImage;
  readonly recordedLogin?: RecordedLogin | undefined;
}

/** The name of the input that is the address. */
const ADDRESS = 'network.address';

/** What becomes of differences from a finished installation as its node runs. */
export async function changeInPlace(
  context: Context,
  system: OperatingSystem,
  { finished, recordedLogin }: ChangedInstallation,
  question: InPlaceQuestion,
): Promise<InPlaceAnswer<'os_installation'>> {
  const { inputs, credentials, image } = finished;
  const kept = await new KeptRequests(context).read(image);
  if (inputs === undefined || kept === undefined) return { changes: question.changes };
  const { network, recording } = kept;
  const planned = await planInPlace(context, system, question, { inputs, network, credentials, recording });
  const { actions, network: how } = planned;
  if (actions === undefined) return { changes: planned.changes };
  const before = question.installed;
  const after: InstalledNode = {
    ...before,
    ...{ inputs, hostname: network.hostname, ipAddress: context.node.ipAddress },
    ...(recordedLogin && { login: recordedLogin }),
  };
  const names = question.changes.map(({ name }) => name);
  const aside = how === undefined ? [] : await stepsAsideTo(context, network);
  const places = placesOf(context, before.ipAddress, question.tried[ADDRESS]);
  return {
    changes: await withHolder(context, planned.changes, aside),
    change: {
      output: after,
      trying: triedBy(names, inputs, { network, aside }),
      ...(places.length > 1 && {
        stands: ({ signal }: PhaseEnvironment) => standingAt(context, system, { before, places, signal }),
      }),
      apply: async (environment) => {
        const loginAfter = await loginOf(context, after, finished);
        const login = waysIn(await readLogin(context, before), loginAfter);
        const changed = { context, os: system, after, login, loginAfter, actions };
        if (how === undefined) return applyInPlace({ ...changed, before }, environment);
        const moved: MovedNode = {
          ...{ context, os: system, how, installed: after, login, phase: environment },
          places: [...new Set([...places, ...aside])],
        };
        try {
          const from = await new NodeMove(moved).settle();
          const move = () => moveNode(moved, from, { network, aside });
          await applyInPlace({ ...changed, before: { ...before, ipAddress: from }, move }, environment);
        } finally {
          context.service(NODE_ADDRESSES).forget(context.node.id);
        }
      },
    },
  };
}

/** All values that may be on the node while it is changed. */
function triedBy(
  names: readonly string[],
  inputs: Readonly<Record<string, JsonValue>>,
  { network, aside }: { readonly network: NetworkConfig; readonly aside: readonly string[] },
): TriedSettings {
  const tried = Object.fromEntries(names.map((name) => [name, [inputs[name] ?? null]]));
  const values = aside.map((address) => withAddress(network, address).ipCidr ?? address);
  return aside.length === 0 ? tried : { ...tried, [ADDRESS]: [...(tried[ADDRESS] ?? []), ...values] };
}

/** Says of an address that another node has it now. */
async function withHolder(
  context: Context,
  changes: readonly InputChange[],
  aside: readonly string[],
): Promise<readonly InputChange[]> {
  if (aside.length === 0) return changes;
  const holder = await holderOf(context, context.node.ipAddress);
  const now = `node ${holder ?? ''} has it now, and is to leave it first`;
  return changes.map((change) =>
    change.name === ADDRESS
      ? { ...change, note: [change.note, now].filter((note) => note !== undefined).join('; ') }
      : change,
  );
}

/** Whether the installation on record answers where it may be by now. */
async function standingAt(
  context: Context,
  system: OperatingSystem,
  {
    before,
    places,
    signal,
  }: { readonly before: InstalledNode; readonly places: readonly string[]; readonly signal: AbortSignal },
): Promise<Standing> {
  const { hostKeys } = before;
  const { address, answers } = await locateNode({ context, system, hostKeys, places, signal });
  if (address !== undefined) return true;
  const answer = answers.get(before.ipAddress);
  if (answer?.answer === 'other') return { standing: 'contradicted', message: answer.why };
  const why = answer?.answer === 'none' ? answer.why : 'it does not answer';
  return { standing: 'unproven', message: why };
}

/** With what a node lets in once it is as asked for. */
async function loginOf(
  context: Context,
  installed: InstalledNode,
  { credentials }: FinishedImage,
): Promise<ReadLogin> {
  const login = await readLogin(context, installed);
  const stated = credentials?.password;
  if (stated === undefined || isHashedPassword(stated)) return login;
  return { ...login, password: stated, missing: undefined };
}

/** All that may let in while a change has perhaps been begun. */
function waysIn(before: ReadLogin, after: ReadLogin): ReadLogin {
  const password = before.password ?? after.password;
  return {
    sshKeys: [...new Set([...before.sshKeys, ...after.sshKeys])],
    password,
    missing: password === undefined ? before.missing : undefined,
  };
}
