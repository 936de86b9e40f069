import { adoptNode, declarativeLogin, type UnknownHostKey } from '@turingpi/provisioning';
import { type NodeId, nodeName, TuringPiError } from '@turingpi/foundation';
import { placeIn } from '../cluster/declared-workflow.js';
import { openCluster } from '../cluster/open-cluster.js';
import { canAsk, confirm } from '../process/confirm.js';
import { EXIT } from '../process/exit-codes.js';
import { onInterruption } from '../process/interruption.js';
import type { Terminal } from '../process/terminal.js';
import { printable } from '../render/printable.js';

export interface AdoptOptions {
  readonly config?: string;
  readonly board?: string;
  /** Fingerprints of host keys that are confirmed, as `ssh-keygen -l` prints them. */
  readonly fingerprint?: readonly string[];
  readonly json?: boolean;
  readonly verbose?: boolean;
}

/**
 * `turingpi adopt [NODE…]`: makes records of what runs on nodes, from what they say of themselves. Nothing on a node is
 * changed.
 */
export async function adopt(
  nodes: readonly NodeId[] | undefined,
  options: AdoptOptions,
  terminal: Terminal,
): Promise<number> {
  const say = (text: string) => terminal.stderr.write(`${printable(text)}\n`);
  using interruption = onInterruption(() => say('stopping'));
  const { signal } = interruption;
  await using opened = await openCluster(options.config, terminal, {
    debug: options.verbose === true,
    board: options.board,
  });
  const { cluster, file } = opened;
  const place = { ...placeIn(file), environment: terminal.environment };
  const adoptOne = async (id: NodeId): Promise<void> => {
    const { node, setAside } = await adoptNode(cluster, id, {
      signal,
      login: await declarativeLogin(cluster, id, place),
      confirmKey: (key) => isConfirmed(id, key, options, terminal),
    });
    if (setAside !== undefined) say(`The damaged state file is kept as ${setAside}.`);
    const { installed, inputs } = node;
    terminal.stdout.write(
      options.json === true
        ? `${JSON.stringify({ event: 'adopted', node: id, installation: installed.installationId, compared: inputs !== undefined })}\n`
        : `${nodeName(id)} ${printable(installed.hostname)} is adopted: ${
            inputs === undefined
              ? 'a system that was not made by this program'
              : `installation ${printable(installed.installationId)}`
          }.\n`,
    );
  };
  // What one node lacks is no reason to leave the others.
  const ids = nodes ?? [...cluster.config.nodes.keys()];
  const failures: unknown[] = [];
  for (const id of ids)
    try {
      await adoptOne(id);
    } catch (error) {
      if (signal.aborted || ids.length === 1 || !TuringPiError.is(error)) throw error;
      failures.push(error);
      say(`${nodeName(id)} is not adopted: ${error.message} (${error.code})`);
    }
  if (failures.length > 0) throw failures[0];
  return EXIT.ok;
}

async function isConfirmed(
  id: NodeId,
  key: UnknownHostKey,
  { fingerprint = [] }: AdoptOptions,
  terminal: Terminal,
): Promise<boolean> {
  if (fingerprint.includes(key.fingerprint)) return true;
  terminal.stderr.write(`${nodeName(id)} shows the host key ${key.fingerprint}\n`);
  if (!canAsk(terminal)) return false;
  return confirm(`Is that the key of ${nodeName(id)}?`, {}, terminal);
}
