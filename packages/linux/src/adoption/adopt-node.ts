import { randomUUID } from 'node:crypto';
import type { AdoptedNode } from '@turingpi/core/plugin';
import type { AdoptionRequest, UnknownHostKey } from '@turingpi/provisioning';
import type { SshRuntime, SshSession, SshTarget } from '@turingpi/runtime';
import { readModuleId } from '../identity/read-module-id.js';
import { LinuxError } from '../linux-error.js';
import { parseInstallationFile, type InstallationFile } from './installation-file.js';
import { authenticationFor, sshTargetFor } from '@turingpi/provisioning';

/** Where an image of ours says what it is. */
const INSTALLATION_FILE = '/etc/turingpi/installation.json';
const LARGEST_FILE_BYTES = 64 * 1024;
const CONNECT_MS = 20_000;
const DEFAULT_USER = 'root';

/**
 * Logs in to a node that runs, and tells what it is: by its own file where it was made by us, else as a system of
 * unknown making.
 *
 * @throws LinuxError `ADOPTION_REFUSED` when the key is not confirmed, or the node's own file names another node;
 * RuntimeError of the connection.
 */
export async function adoptNode(request: AdoptionRequest, os: string, ssh: SshRuntime): Promise<AdoptedNode> {
  const { context, login } = request;
  const { node, signal, credentials } = context;
  const username = login.username ?? credentials.ssh.username ?? DEFAULT_USER;
  const auth = await authenticationFor(context, { password: login.password, sshKeys: login.sshKeys ?? [] });
  const target = sshTargetFor(context, { username, hostKeys: [] }, auth);
  const shown = await shownKey(target, ssh, signal);
  // No connection waits for the answer: whoever compares the key on the serial console takes the time that he needs.
  if (!(await request.confirmKey(shown)))
    throw new LinuxError('ADOPTION_REFUSED', `the host key of ${node.hostname} was not confirmed`, {
      hint:
        `Nothing was changed, and nothing secret was sent. Compare the fingerprint ${shown.fingerprint} on the serial ` +
        'console; where nobody can be asked, give it with --fingerprint.',
      details: { node: node.id, fingerprint: shown.fingerprint },
    });
  signal.throwIfAborted();
  await using open = await ssh.connect(
    { ...target, hostKeys: [shown.publicKey] },
    { signal, connectTimeoutMs: CONNECT_MS },
  );
  const said = await readInstallation(open, signal);
  if (said?.node !== undefined && said.node !== `Node${node.id}`)
    throw new LinuxError(
      'ADOPTION_REFUSED',
      `what answers as ${node.hostname} says that it is ${said.node}, not Node${node.id}`,
      { hint: 'Correct the addresses in the configuration, or reinstall the node.' },
    );
  const hostname = await open.exec(['hostname'], { signal });
  return {
    installed: {
      installationId: said?.id ?? `adopted-${randomUUID()}`,
      ...(said?.generation === undefined ? {} : { generation: said.generation }),
      imageSha256: '',
      os,
      ipAddress: node.ipAddress,
      hostname: hostname.stdout.trim() || node.hostname,
      hostKeys: await readHostKeys(open, shown.publicKey, signal),
      username: target.username,
      strategy: 'adopted',
      module: await readModuleId(open, signal),
    },
    inputs: said?.inputs,
    recipe: said?.recipe,
  };
}

/** The host key that a server shows; nothing else is said to it. */
async function shownKey(target: SshTarget, ssh: SshRuntime, signal: AbortSignal): Promise<UnknownHostKey> {
  let shown: UnknownHostKey | undefined;
  const refuse = (key: UnknownHostKey): Promise<boolean> => {
    shown = key;
    return Promise.resolve(false);
  };
  try {
    const session = await ssh.connect(
      { ...target, hostKeys: refuse },
      { signal, connectTimeoutMs: CONNECT_MS },
    );
    await session[Symbol.asyncDispose](); // a runtime that does not ask about keys
  } catch (error) {
    signal.throwIfAborted();
    if (shown === undefined) throw error;
  }
  if (shown === undefined) throw new Error('a server was logged in to whose key was refused');
  return shown;
}

async function readInstallation(
  session: SshSession,
  signal: AbortSignal,
): Promise<InstallationFile | undefined> {
  const { exitCode, stdout } = await session.exec(['cat', INSTALLATION_FILE], {
    signal,
    allowFailure: true,
    maxOutputBytes: LARGEST_FILE_BYTES,
  });
  return exitCode === 0 ? parseInstallationFile(stdout) : undefined;
}

/** Every public host key, so that the node is known by whichever it shows. */
async function readHostKeys(
  session: SshSession,
  shown: string,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const { stdout } = await session.exec('cat /etc/ssh/ssh_host_*_key.pub', {
    signal,
    allowFailure: true,
    maxOutputBytes: LARGEST_FILE_BYTES,
  });
  const keys = stdout
    .split('\n')
    .map((line) => line.trim().split(/\s+/).slice(0, 2).join(' '))
    .filter((line) => /^(ssh-|ecdsa-)/.test(line));
  return keys.includes(shown) ? keys : [...keys, shown];
}
