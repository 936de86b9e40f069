import { randomBytes } from 'node:crypto';
import {
  isPublic,
  type NetworkBegin,
  type NetworkConfig,
  type NetworkDifference,
  type NetworkInPlace,
  textDiff,
} from '@turingpi/provisioning';
import type { SshSession } from '@turingpi/runtime';
import { detectNetwork } from '../detection/detect-network.js';
import { LinuxError } from '../linux-error.js';
import { applyNetwork } from './apply-network.js';
import {
  CHANGE_DIRECTORY,
  CHANGE_SCRIPT,
  CHANGE_UNIT,
  renderChangeScript,
  REVERT_UNIT_TEXT,
} from './change-script.js';
import { isAddressTaken } from './is-address-taken.js';
import { planNetwork } from './network-plan.js';
import { isOurs } from './replaced-files.js';
import { type StagedFile, StagedFiles } from './staged-files.js';

/** cloud-init would write what its data source says, where that is another instance. */
const KEEP_NETWORK = '/etc/cloud/cloud.cfg.d/99-turingpi-network.cfg';
const KEEP_NETWORK_TEXT = 'network: {config: disabled}\n';

/** Of what is shown of what a node says. */
const MESSAGE_LENGTH = 200;

/** Changes the network of a Linux with systemd as it runs: by the files that its image would have, and a program there. */
export class LinuxNetwork implements NetworkInPlace {
  /**
   * @throws LinuxError `NETWORK_*` for a network that cannot be; `NETWORK_STACK_UNKNOWN` when the node has no program that
   * would take it.
   */
  async begin(
    session: SshSession,
    network: NetworkConfig,
    { signal, revertAfterMs, always }: NetworkBegin,
  ): Promise<string | undefined> {
    const { files, stack } = await written(session, network, signal);
    if (!(await files.exists('/usr/bin/systemd-run')))
      throw unchangeable(session, 'it has no systemd-run, and nothing else would take the network back');
    if (await files.exists('/etc/cloud/cloud.cfg.d')) await files.writeFile(KEEP_NETWORK, KEEP_NETWORK_TEXT);
    const changes = await files.changes();
    if (changes.size === 0 && !always) return undefined;
    const id = randomBytes(8).toString('hex');
    const directory = `${CHANGE_DIRECTORY}/staged-${id}`;
    await session.exec(['install', '-d', '-m', '700', CHANGE_DIRECTORY, directory, `${directory}/new`], {
      ...{ signal, sudo: true },
    });
    const write = (path: string, content: string | Uint8Array, mode: number) =>
      session.writeFile(path, content, { signal, mode, owner: 'root:root', sudo: true });
    await stage(session, directory, { changes, signal });
    await write(`${directory}/paths`, [...changes.keys()].map((path) => `${path}\n`).join(''), 0o600);
    await write(`${directory}/unit`, REVERT_UNIT_TEXT, 0o644);
    await write(CHANGE_SCRIPT, renderChangeScript(stack), 0o700);
    const seconds = String(Math.ceil(revertAfterMs / 1000));
    const unit = ['systemd-run', '--quiet', '--collect', '--no-block', `--unit=${CHANGE_UNIT}`];
    await session.exec([...unit, '/bin/sh', CHANGE_SCRIPT, 'take', id, seconds], { signal, sudo: true });
    return id;
  }

  /** @throws as {@link begin} */
  async compare(
    session: SshSession,
    network: NetworkConfig,
    signal: AbortSignal,
  ): Promise<readonly NetworkDifference[]> {
    const { files } = await written(session, network, signal);
    const changes = [...(await files.changes())];
    return Promise.all(
      changes.map(async ([path, file]) => ({ path, diff: await diffOf(files, path, file) })),
    );
  }

  async keep(session: SshSession, id: string, signal: AbortSignal): Promise<'kept' | 'early' | 'gone'> {
    const exitCode = await script(session, ['keep', id], signal);
    if (exitCode === 0) return 'kept';
    return exitCode === 3 ? 'early' : 'gone';
  }

  async isUndecided(session: SshSession, signal: AbortSignal): Promise<boolean> {
    return (await script(session, ['undecided'], signal)) === 0; // it fails also where it is not there
  }

  async giveUp(session: SshSession, signal: AbortSignal): Promise<void> {
    await script(session, ['give-up'], signal);
  }

  async complaint(session: SshSession, signal: AbortSignal): Promise<string | undefined> {
    const command = ['tail', '-n', '1', `${CHANGE_DIRECTORY}/complaint`];
    const { stdout } = await session.exec(command, { signal, sudo: true, allowFailure: true });
    return stdout.trim() === '' ? undefined : stdout.trim().slice(0, MESSAGE_LENGTH);
  }

  isTaken(session: SshSession, address: string, signal: AbortSignal): Promise<boolean | undefined> {
    return isAddressTaken(session, address, signal);
  }
}

/** The files of a node with those of a network in them, by the program in charge: nothing is written yet. */
async function written(session: SshSession, network: NetworkConfig, signal: AbortSignal) {
  const plan = planNetwork(network);
  const files = await StagedFiles.of(session, signal);
  const state = await detectNetwork(files);
  const { stack } = state;
  if (stack === 'unknown') throw unchangeable(session, state.reason);
  await applyNetwork(files, plan, state);
  return { files, stack };
}

/** What differs in a file: nothing that we write of a network is secret, and what others have written may be. */
async function diffOf(files: StagedFiles, path: string, wanted: StagedFile): Promise<string | undefined> {
  if (wanted === undefined || !('content' in wanted)) return undefined;
  const { content, mode } = (await files.onNode(path)) ?? {};
  if (mode !== undefined && !isPublic({ mode }) && !isOurs(path)) return undefined;
  return textDiff(path, content, wanted.content);
}

function unchangeable(session: SshSession, reason: string): LinuxError {
  return new LinuxError(
    'NETWORK_STACK_UNKNOWN',
    `the network of ${session.place} cannot be changed as it runs: ${reason}`,
    { hint: 'Change it by hand, or let a reinstallation write it.' },
  );
}

/** Puts the files as they are to be beside those of the node. */
async function stage(
  session: SshSession,
  directory: string,
  { changes, signal }: { readonly changes: ReadonlyMap<string, StagedFile>; readonly signal: AbortSignal },
): Promise<void> {
  const root = { signal, sudo: true } as const;
  for (const [path, file] of changes) {
    if (path.includes('\n')) throw new TypeError(`a path with a line break: ${JSON.stringify(path)}`);
    const place = `${directory}/new${path}`;
    if (file === undefined) continue;
    if ('content' in file)
      await session.writeFile(place, file.content, { ...root, mode: file.mode, owner: 'root:root' });
    else {
      await session.exec(['install', '-d', '-m', '700', place.slice(0, place.lastIndexOf('/'))], root);
      await session.exec(['ln', '-s', '--', file.target, place], root);
    }
  }
}

async function script(session: SshSession, words: readonly string[], signal: AbortSignal): Promise<number> {
  const command = ['/bin/sh', CHANGE_SCRIPT, ...words];
  return (await session.exec(command, { signal, sudo: true, allowFailure: true })).exitCode;
}
