import { printable } from '../api/reply.js';
import { BmcError } from '../errors/bmc-error.js';
import type { BoardIdentity } from '../tls/board-identity.js';
import { endpointKey } from '../tls/verified-connection.js';
import type { Examination } from './examination.js';
import { type Finding, finding, findingOf } from './finding.js';

/** The page on port 80 is served without the lock: a daemon that lives answers it at once. */
const PAGE_MS = 5000;

/** Whether the board answers, is who it should be, lets us in, and has its API free. */
export async function checkConnection(
  examination: Examination,
): Promise<{ readonly findings: readonly Finding[]; readonly usable: boolean }> {
  const { client, signal } = examination;
  const key = endpointKey(client.endpoint);
  let identity: BoardIdentity;
  try {
    identity = await client.presentedIdentity(signal ? { signal } : {});
  } catch (cause) {
    signal?.throwIfAborted();
    return { findings: [await unreachable(cause, examination)], usable: false };
  }
  const findings: Finding[] = [finding('BMC_ANSWERS', 'ok', `${key} answers`)];
  const outcome = await firstAnswer(examination);
  if ('failure' in outcome) {
    if (BmcError.hasCode(outcome.failure, 'BMC_AUTH_REFUSED', 'BMC_BANNED', 'BMC_PASSWORD_MISSING'))
      findings.push(trusted(identity), ...(await publicVersion(examination)));
    if (BmcError.hasCode(outcome.failure, 'BMC_FACTORY_PASSWORD'))
      findings.push(trusted(identity), loginWorks(), ...(await publicVersion(examination)));
    return { findings: [...findings, findingOf(outcome.failure)], usable: false };
  }
  findings.push(trusted(identity));
  if (outcome.held) return { findings: [...findings, outcome.held], usable: false };
  findings.push(loginWorks());
  if (outcome.busy) findings.push(outcome.busy);
  return { findings, usable: true };
}

type Answer =
  | { readonly failure: unknown }
  /** It never came: `held` says why. It came late: `busy` says so. */
  | { readonly held?: Finding; readonly busy?: Finding };

/**
 * Waits for the first answer of the API, and says what keeps it from answering.
 *
 * @remarks
 * One lock serialises all network clients and an upload keeps it to its end; of a client that vanished in its upload,
 * for ever (docs/reference/bmc-protocol.md, "One lock for all clients"). What needs no login knows no lock, so it tells
 * a held API from a daemon that hangs: the page on port 80, where there is one, and the TLS handshake, which the daemon
 * makes itself. A dead upload differs from a living one in that it never ends: the only thing to be seen from here is
 * time, unless the upload is one of this computer.
 */
async function firstAnswer(examination: Examination): Promise<Answer> {
  const { client, signal, busyMs, patienceMs, onWait } = examination;
  const started = performance.now();
  const waited = () => `${Math.round((performance.now() - started) / 1000)} s`;
  const ask = async (limitMs: number): Promise<{ readonly failure: unknown } | undefined> => {
    try {
      await client.usb.get({ signal, busyMs: limitMs });
      return undefined;
    } catch (failure) {
      signal?.throwIfAborted();
      return { failure };
    }
  };
  const first = await ask(busyMs);
  if (!first) return {};
  if (!BmcError.hasCode(first.failure, 'BMC_BUSY')) return first;
  if (!(await daemonLives(examination))) return { held: hanging(waited()) };
  const { holder } = await client.localTransfer();
  if (holder && !holder.ended) {
    const who = `process ${holder.pid} on ${holder.host}`;
    const message = `the API is busy: ${who} is flashing on this board`;
    return { held: finding('BMC_API_BUSY', 'warning', message, 'Wait until it is done, then look again.') };
  }
  onWait(
    `no answer for ${waited()}: an upload of another client has the API; waiting up to ${Math.round(patienceMs / 1000)} s to see whether it ends`,
  );
  const second = await ask(patienceMs);
  if (!second) {
    const message = `the API answered only after ${waited()}: an upload of another client had it until then`;
    return { busy: finding('BMC_API_BUSY', 'note', message) };
  }
  if (!BmcError.hasCode(second.failure, 'BMC_BUSY')) return second;
  if (!(await daemonLives(examination))) return { held: hanging(waited()) };
  return {
    held: finding(
      'BMC_API_HELD',
      'error',
      `the API has answered nobody for ${waited()}, while what needs no login answers at once: an upload holds it`,
      'If nobody is flashing this board now, a client vanished during its upload, which holds the API for ever: run `/etc/init.d/S94bmcd restart` as root on the BMC, over SSH or its serial console (it may switch nodes off and on). If somebody is, wait until that is done.',
    ),
  };
}

function trusted({ validity }: BoardIdentity): Finding {
  const dates = validity ? ` (its certificate says ${day(validity.from)} to ${day(validity.to)})` : '';
  return finding('BMC_KEY_TRUSTED', 'ok', `it is the board that is trusted${dates}`);
}

function day(date: Date): string {
  return Number.isNaN(date.getTime()) ? 'an unreadable date' : date.toISOString().slice(0, 10);
}

function hanging(waited: string): Finding {
  return finding(
    'BMC_DAEMON_HANGS',
    'error',
    `the daemon accepted connections, but has answered nothing for ${waited}, not even a handshake`,
    'It may lack memory. Run `/etc/init.d/S94bmcd restart` as root on the BMC, over SSH or its serial console, or switch the board off and on; both may switch nodes off and on.',
  );
}

async function unreachable(cause: unknown, examination: Examination): Promise<Finding> {
  const found = findingOf(cause);
  const { client, signal } = examination;
  const { host, port, httpPort } = client.endpoint;
  const { info, daemonVersion } = await client.board.publicPages({ signal, timeoutMs: PAGE_MS });
  if (info === undefined && daemonVersion === undefined) return found;
  const what =
    info === undefined
      ? `bmcd ${printable(daemonVersion ?? '')} shows its metrics`
      : `the information page of a board answers on port ${httpPort}`;
  return finding(
    found.code,
    'error',
    `${found.message}; ${what} though`,
    `It is a Turing Pi board: check that ${port} is the HTTPS port of ${host}, and that nothing in between blocks it.`,
  );
}

/** Whether the daemon does anything: an answer of any kind is life, while silence of single ports proves nothing. */
async function daemonLives({ client, signal }: Examination): Promise<boolean> {
  if ((await client.board.publicPages({ signal, timeoutMs: PAGE_MS })).answers) return true;
  try {
    await client.presentedIdentity(signal ? { signal } : {});
    return true;
  } catch {
    signal?.throwIfAborted();
    return false;
  }
}

/** The version, where it is told to everybody: the login cannot be used to ask for it. */
async function publicVersion({ client, signal }: Examination): Promise<readonly Finding[]> {
  const { info, daemonVersion } = await client.board.publicPages({ signal, timeoutMs: PAGE_MS });
  const version = daemonVersion === undefined ? info?.version : `bmcd ${daemonVersion}`;
  if (version === undefined) return [];
  return [
    finding('BMC_FIRMWARE', 'note', `it says without a login that its version is ${printable(version)}`),
  ];
}

function loginWorks(): Finding {
  return finding('BMC_LOGIN_WORKS', 'ok', 'the login works');
}
