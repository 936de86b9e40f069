import type {
  Context,
  InPlaceAnswer,
  InPlaceQuestion,
  InstalledNode,
  RecordedLogin,
} from '@turingpi/core/plugin';
import { isHashedPassword } from '../credential/hashed-password.js';
import { KeptRequests } from '../image/kept-request.js';
import { type ReadLogin, readLogin } from '../login/recorded-login.js';
import type { OperatingSystem } from '../os/operating-system.js';
import { applyInPlace } from '../reconfiguration/apply-in-place.js';
import { planInPlace } from '../reconfiguration/plan-in-place.js';
import type { FinishedImage } from './finish-image.js';

/** What its node is to be, and how it is logged in to then. */
interface ChangedInstallation {
  readonly finished: FinishedImage;
  readonly recordedLogin?: RecordedLogin | undefined;
}

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
  const { changes, actions } = planned;
  if (actions === undefined) return { changes };
  const before = question.installed;
  const after: InstalledNode = {
    ...before,
    ...{ inputs, hostname: network.hostname },
    ...(recordedLogin && { login: recordedLogin }),
  };
  const names = question.changes.map(({ name }) => name);
  return {
    changes,
    change: {
      output: after,
      trying: Object.fromEntries(names.map((name) => [name, inputs[name] ?? null])),
      apply: async (environment) => {
        const loginAfter = await loginOf(context, after, finished);
        const login = waysIn(await readLogin(context, before), loginAfter);
        await applyInPlace({ context, os: system, before, after, login, loginAfter, actions }, environment);
      },
    },
  };
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
