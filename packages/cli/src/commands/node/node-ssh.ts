import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { constants, tmpdir } from 'node:os';
import path from 'node:path';
import { assertIsNode, nodeTargetOf, renderKnownHosts } from '@turingpi/provisioning';
import type { Secret } from '@turingpi/foundation';
import { KeyAgent } from '@turingpi/runtime';
import { openBoards } from '../../cluster/open-boards.js';
import { declaredPassword } from '../../node/declared-password.js';
import { namedNodes } from '../../node/named-nodes.js';
import { sshArguments } from '../../node/ssh-arguments.js';
import { onInterruption } from '../../process/interruption.js';
import type { NodesNamed } from '../../process/node-names.js';
import type { Terminal } from '../../process/terminal.js';
import { UsageError } from '../../process/usage-error.js';
import type { NodeCommandOptions } from './node-command-options.js';

/** The name under which the file of known hosts has the server on the way. */
const JUMP = 'turingpi-jump';

export interface NodeSshOptions extends Omit<NodeCommandOptions, 'json'> {
  /** Give the command a terminal. */
  readonly tty?: boolean;
}

/**
 * `turingpi node ssh NODE`: a login on a node with the system's own `ssh`, which is told the node's host keys, user and key.
 *
 * @returns The exit code of `ssh`: that of the command, or 255 for a connection that failed.
 */
export async function nodeSsh(
  nodes: NodesNamed,
  command: readonly string[],
  options: NodeSshOptions,
  terminal: Terminal,
): Promise<number> {
  using interruption = onInterruption(() => undefined); // `ssh` gets it as well, and says how it ends
  await using opened = await openBoards(options.config, terminal, { debug: options.verbose === true });
  const [named, ...others] = namedNodes(opened, nodes);
  if (named === undefined || others.length > 0)
    throw new UsageError(
      'node ssh needs one node',
      'For a command on several, use turingpi node exec; for example: turingpi node exec 1,3 -- uptime',
    );
  const { cluster, node } = named;
  return await cluster.visit(
    node.id,
    async (context) => {
      const found = await nodeTargetOf(context, await declaredPassword(opened, named, terminal));
      await assertIsNode(context, found);
      const { host, port = 22, username, jump } = found.target;
      const { privateKey, passphrase } = context.credentials.ssh;
      await using agent = await agentFor(privateKey, passphrase);
      await using jumpAgent = await agentFor(jump?.auth.privateKey, jump?.auth.passphrase);
      const directory = await mkdtemp(path.join(tmpdir(), 'turingpi-ssh-'));
      try {
        const knownHostsFile = path.join(directory, 'known_hosts');
        const { hostKeys } = found.installed;
        const known = [{ names: [node.hostname], hostKeys }];
        const way = context.node.config.ssh?.jump;
        if (way !== undefined) known.push({ names: [JUMP], hostKeys: way.hostKeys });
        await writeFile(knownHostsFile, renderKnownHosts(known), { mode: 0o600 });
        const invocation = { host, port, username, knownHostsFile, command, alias: node.hostname };
        const hop = way && { ...way, knownHostsFile, alias: JUMP, agentSocket: jumpAgent?.socket };
        return await endOf(
          sshArguments({ ...invocation, tty: options.tty === true, agentSocket: agent?.socket, jump: hop }),
          interruption.signal,
        );
      } finally {
        await rm(directory, { recursive: true, force: true });
      }
    },
    interruption,
  );
}

async function agentFor(privateKey: Secret | undefined, passphrase: Secret | undefined) {
  return privateKey === undefined ? undefined : await KeyAgent.start(privateKey, passphrase);
}

/** Runs `ssh` on this process's own terminal. */
async function endOf(parameters: readonly string[], signal: AbortSignal): Promise<number> {
  signal.throwIfAborted();
  const child = spawn('ssh', parameters, { stdio: 'inherit', windowsHide: true });
  const forward = () => child.kill('SIGTERM');
  signal.addEventListener('abort', forward, { once: true });
  try {
    const [code, by] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
    return code ?? 128 + (by === null ? 0 : constants.signals[by]);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    throw new UsageError(
      'there is no program ssh on this computer',
      'Install OpenSSH, which also Windows has (as an optional feature); `turingpi node exec` needs none.',
    );
  } finally {
    signal.removeEventListener('abort', forward);
  }
}
