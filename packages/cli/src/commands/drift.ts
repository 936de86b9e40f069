import type { TuringPi, Workflow } from '@turingpi/core';
import { declarativeDrift } from '@turingpi/provisioning';
import { type NodeId, TuringPiError } from '@turingpi/foundation';
import { placeIn } from '../cluster/declared-workflow.js';
import { configuredNodes, openBoards, type OpenedBoards } from '../cluster/open-boards.js';
import { nodesMeant } from '../cluster/several-boards.js';
import { EXIT } from '../process/exit-codes.js';
import { onInterruption } from '../process/interruption.js';
import type { NodeName } from '../process/node-names.js';
import { remark } from '../process/remark.js';
import type { Terminal } from '../process/terminal.js';
import { type DriftedNode, renderDrift } from '../render/drift.js';
import { errorRecord } from '../render/error.js';

export interface DriftOptions {
  readonly config?: string;
  readonly json?: boolean;
  readonly verbose?: boolean;
}

/**
 * `turingpi drift [NODE…]`: how finished nodes differ by now from what they are to be. Nothing is changed, and no record is
 * kept.
 */
export async function drift(
  nodes: readonly NodeName[] | undefined,
  options: DriftOptions,
  terminal: Terminal,
): Promise<number> {
  using interruption = onInterruption(() => remark(terminal, 'stopping'));
  const { signal } = interruption;
  await using opened = await openBoards(options.config, terminal, {
    debug: options.verbose === true,
    nodes,
    declared: true,
  });
  const compared: DriftedNode[] = [];
  const failures: TuringPiError[] = [];
  await opened.boards.plan((cluster) => comparing(opened, cluster, terminal, { compared, failures }), {
    signal,
    offline: true, // it is about the nodes, and the board need not be there
    nodes: nodesMeant(nodes, configuredNodes(opened.boards)),
  });
  signal.throwIfAborted();
  const isDrifted = compared.some(({ parts }) => parts.some(({ state }) => state === 'would change'));
  terminal.stdout.write(
    options.json === true
      ? `${JSON.stringify({ drift: isDrifted, nodes: compared })}\n`
      : renderDrift(compared),
  );
  // A node that could not be compared is nothing that is known to be as it should.
  const [failure] = failures;
  if (failure !== undefined && options.json !== true) throw failure;
  if (failure !== undefined) return EXIT.unreachable;
  return isDrifted ? EXIT.changesRemain : EXIT.ok;
}

/** A workflow that compares one node, and keeps for itself why one cannot be. */
function comparing(
  opened: OpenedBoards,
  cluster: TuringPi,
  { environment }: Terminal,
  found: { readonly compared: DriftedNode[]; readonly failures: TuringPiError[] },
): Workflow {
  const place = { ...placeIn(opened.at(cluster).file), environment };
  const compare = declarativeDrift(cluster, place, (node, parts) => {
    found.compared.push({ ...about(node), parts });
  });
  const about = ({ id, hostname, board }: { id: NodeId; hostname: string; board?: string | undefined }) => ({
    ...(board === undefined ? {} : { board }),
    ...{ nodeId: id, hostname },
  });
  return async (context, node) => {
    try {
      await compare(context, node);
    } catch (error) {
      context.signal.throwIfAborted();
      if (!TuringPiError.is(error)) throw error;
      found.failures.push(error);
      found.compared.push({ ...about(node), parts: [], error: errorRecord(error) });
    }
  };
}
