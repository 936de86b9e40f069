import { adoptNode, declarativeLogin, type UnknownHostKey } from '@turingpi/provisioning';
import { TuringPiError } from '@turingpi/foundation';
import { placeIn } from '../cluster/declared-workflow.js';
import { openBoards } from '../cluster/open-boards.js';
import { type NamedNode, namedNodes } from '../node/named-nodes.js';
import { canAsk, confirm } from '../process/confirm.js';
import { EXIT } from '../process/exit-codes.js';
import { onInterruption } from '../process/interruption.js';
import { type NodeName, nodesOn } from '../process/node-names.js';
import type { Terminal } from '../process/terminal.js';
import { slotOf } from '../render/place-of.js';
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
  nodes: readonly NodeName[] | undefined,
  options: AdoptOptions,
  terminal: Terminal,
): Promise<number> {
  const say = (text: string) => terminal.stderr.write(`${printable(text)}\n`);
  using interruption = onInterruption(() => say('stopping'));
  const { signal } = interruption;
  const named = nodesOn(options.board, nodes);
  await using opened = await openBoards(options.config, terminal, {
    debug: options.verbose === true,
    nodes: named,
  });
  const adoptOne = async ({ cluster, node: { id } }: NamedNode, slot: string): Promise<void> => {
    const place = { ...placeIn(opened.at(cluster).file), environment: terminal.environment };
    const { node, setAside } = await adoptNode(cluster, id, {
      signal,
      login: await declarativeLogin(cluster, id, place),
      confirmKey: (key) => isConfirmed(slot, key, options, terminal),
    });
    if (setAside !== undefined) say(`The damaged state file is kept as ${setAside}.`);
    const { installed, inputs } = node;
    const { boardName: board } = cluster.config;
    terminal.stdout.write(
      options.json === true
        ? `${JSON.stringify({ event: 'adopted', ...(board !== undefined && { board }), node: id, installation: installed.installationId, compared: inputs !== undefined })}\n`
        : `${slot} ${printable(installed.hostname)} is adopted: ${
            inputs === undefined
              ? 'a system that was not made by this program'
              : `installation ${printable(installed.installationId)}`
          }.\n`,
    );
  };
  // What one node lacks is no reason to leave the others.
  const meant = namedNodes(opened, named ?? 'all');
  const failures: unknown[] = [];
  for (const one of meant) {
    const { boardName: board } = one.cluster.config;
    const slot = slotOf({ nodeId: one.node.id, ...(board !== undefined && { board }) });
    try {
      await adoptOne(one, slot);
    } catch (error) {
      if (signal.aborted || meant.length === 1 || !TuringPiError.is(error)) throw error;
      failures.push(error);
      say(`${slot} is not adopted: ${error.message} (${error.code})`);
    }
  }
  if (failures.length > 0) throw failures[0];
  return EXIT.ok;
}

async function isConfirmed(
  slot: string,
  key: UnknownHostKey,
  { fingerprint = [] }: AdoptOptions,
  terminal: Terminal,
): Promise<boolean> {
  if (fingerprint.includes(key.fingerprint)) return true;
  terminal.stderr.write(`${slot} shows the host key ${key.fingerprint}\n`);
  if (!canAsk(terminal)) return false;
  return confirm(`Is that the key of ${slot}?`, {}, terminal);
}
