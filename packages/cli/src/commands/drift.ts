import { declarativeDrift, type DriftedPart } from '@turingpi/provisioning';
import { TuringPiError } from '@turingpi/foundation';
import { RuntimeError } from '@turingpi/runtime';
import { placeIn } from '../cluster/declared-workflow.js';
import { openBoards, type OpenedBoards } from '../cluster/open-boards.js';
import { AskedNodes } from '../node/asked-nodes.js';
import { type NamedNode, namedNodes } from '../node/named-nodes.js';
import { placeOfNode } from '../node/node-report.js';
import { onEachNode } from '../node/on-each-node.js';
import { EXIT } from '../process/exit-codes.js';
import { onInterruption } from '../process/interruption.js';
import type { NodeName } from '../process/node-names.js';
import { remark } from '../process/remark.js';
import type { Terminal } from '../process/terminal.js';
import { type DriftedNode, renderDrift } from '../render/drift.js';
import { errorRecord } from '../render/error.js';
import { formatDuration } from '../render/format.js';

export interface DriftOptions {
  readonly config?: string;
  /** Seconds for each node. */
  readonly timeout: number;
  readonly json?: boolean;
  readonly verbose?: boolean;
}

/**
 * `turingpi drift [NODE…]`: how finished nodes differ by now from what they are to be; all are asked at once. Nothing is
 * changed, and no record is kept.
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
  const limits = { signal, timeoutMs: options.timeout * 1000 };
  const outcomes = await askAll(namedNodes(opened, nodes ?? 'all'), terminal, (named) =>
    partsOf(named, opened, terminal, limits),
  );
  signal.throwIfAborted();
  const failures = outcomes.flatMap((outcome) => ('error' in outcome ? [outcome.error] : []));
  for (const failure of failures) if (!TuringPiError.is(failure)) throw failure;
  const compared = outcomes.map((outcome): DriftedNode => {
    const { id, board, hostname } = outcome.named.node;
    const about = { ...(board === undefined ? {} : { board }), nodeId: id, hostname };
    return 'error' in outcome
      ? { ...about, parts: [], error: errorRecord(outcome.error) }
      : { ...about, parts: outcome.result };
  });
  const isDrifted = compared.some(({ parts }) => parts.some(({ state }) => state === 'would change'));
  terminal.stdout.write(
    options.json === true
      ? `${JSON.stringify({ drift: isDrifted, nodes: compared })}\n`
      : renderDrift(compared),
  );
  // A node that could not be compared is nothing that is known to be as it should.
  if (failures.length > 0 && options.json !== true) throw failures[0];
  if (failures.length > 0) return EXIT.unreachable;
  return isDrifted ? EXIT.changesRemain : EXIT.ok;
}

async function askAll<T>(
  nodes: readonly NamedNode[],
  terminal: Terminal,
  ask: (named: NamedNode) => Promise<T>,
): ReturnType<typeof onEachNode<T>> {
  using asked = new AskedNodes(terminal, nodes.map(placeOfNode));
  return await onEachNode(nodes, (named) => ask(named).finally(() => asked.answered(placeOfNode(named))));
}

/** @throws RuntimeError `SSH_TIMEOUT` when its time is over; what else keeps it from being compared. */
async function partsOf(
  { cluster, node }: NamedNode,
  opened: OpenedBoards,
  { environment }: Terminal,
  { signal, timeoutMs }: { readonly signal: AbortSignal; readonly timeoutMs: number },
): Promise<readonly DriftedPart[]> {
  let parts: readonly DriftedPart[] = [];
  const failures: unknown[] = [];
  const place = { ...placeIn(opened.at(cluster).file), environment };
  const compare = declarativeDrift(cluster, place, (_node, found) => void (parts = found));
  const limit = AbortSignal.timeout(timeoutMs);
  try {
    await cluster.plan(
      // What a workflow fails with is part of a plan, and nobody reads this one.
      (context, planned) => compare(context, planned).catch((error: unknown) => void failures.push(error)),
      {
        signal: AbortSignal.any([signal, limit]),
        offline: true, // it is about the node, and the board need not be there
        nodes: [node.id],
      },
    );
    if (failures.length > 0) throw failures[0];
    return parts;
  } catch (error) {
    if (signal.aborted || !limit.aborted) throw error;
    throw new RuntimeError(
      'SSH_TIMEOUT',
      `${node.hostname} was not compared within ${formatDuration(timeoutMs)}`,
      { hint: '`--timeout` gives it more seconds.' },
    );
  }
}
