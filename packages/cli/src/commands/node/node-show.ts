import type { NodeRecord } from '@turingpi/linux';
import { nodeRecord, readFacts } from '@turingpi/linux';
import { standingInstallation } from '@turingpi/core/plugin';
import { connectNode } from '@turingpi/provisioning';
import { TuringPiError } from '@turingpi/foundation';
import { type OpenedBoards, openBoards } from '../../cluster/open-boards.js';
import { declaredPassword } from '../../node/declared-password.js';
import { type NamedNode, namedNodes } from '../../node/named-nodes.js';
import { slotOfNode } from '../../node/node-report.js';
import { EXIT } from '../../process/exit-codes.js';
import { onInterruption } from '../../process/interruption.js';
import type { NodesNamed } from '../../process/node-names.js';
import { remark } from '../../process/remark.js';
import type { Terminal } from '../../process/terminal.js';
import { UsageError } from '../../process/usage-error.js';
import { formatDuration } from '../../render/format.js';
import { printable } from '../../render/printable.js';
import type { NodeCommandOptions } from './node-command-options.js';

export interface NodeShowOptions extends NodeCommandOptions {
  /** Do not ask the node: what is on record alone. */
  readonly offline?: boolean;
}

/** Why a node could not be asked; it may be off, or have no installation. */
interface NotAsked {
  readonly code: string;
  readonly message: string;
}

/** `turingpi node show NODE`: everything that is known of a node, each fact with when it was seen. */
export async function nodeShow(
  nodes: NodesNamed,
  options: NodeShowOptions,
  terminal: Terminal,
): Promise<number> {
  using interruption = onInterruption(() => remark(terminal, 'stopping'));
  await using opened = await openBoards(options.config, terminal, { debug: options.verbose === true });
  const [named, ...others] = namedNodes(opened, nodes);
  if (named === undefined || others.length > 0)
    throw new UsageError(
      'node show needs one node',
      'For example: turingpi node show 2; for all: turingpi node facts',
    );
  const { cluster, node } = named;
  const phases = (await cluster.status()).get(node.id);
  if (phases === undefined) throw new Error(`no phases of node ${node.id}`);
  const said =
    options.offline === true ? undefined : await askedNow(named, opened, terminal, interruption.signal);
  const installed = (await cluster.installedNode(node.id))?.installed;
  const record = nodeRecord({
    ...{ node, phases, installed },
    record: standingInstallation(phases.os_installation),
    said: said !== undefined && 'facts' in said ? said : undefined,
  });
  const notAsked = said !== undefined && 'code' in said ? said : undefined;
  terminal.stdout.write(
    options.json === true
      ? `${JSON.stringify({ ...record, ...(notAsked === undefined ? {} : { notAsked }) })}\n`
      : renderRecord(slotOfNode(named), record, notAsked),
  );
  return EXIT.ok;
}

async function askedNow(named: NamedNode, opened: OpenedBoards, terminal: Terminal, signal: AbortSignal) {
  const { cluster, node } = named;
  try {
    return await cluster.visit(
      node.id,
      async (context) => {
        await using session = await connectNode(context, await declaredPassword(opened, named, terminal));
        const facts = await readFacts(session, context.signal);
        return { facts, at: new Date().toISOString() };
      },
      { signal },
    );
  } catch (error) {
    signal.throwIfAborted();
    if (!TuringPiError.is(error)) throw error;
    return { code: error.code, message: error.message } satisfies NotAsked;
  }
}

function renderRecord(
  slot: string,
  { hostname, facts, phases }: NodeRecord,
  notAsked: NotAsked | undefined,
): string {
  const lines = [`${slot} ${hostname}`];
  if (notAsked !== undefined)
    lines.push(`It could not be asked (${notAsked.code}): ${printable(notAsked.message)}`);
  for (const [name, { value, from, seen }] of Object.entries(facts)) {
    const text =
      typeof value === 'string' || typeof value === 'number' ? String(value) : JSON.stringify(value);
    lines.push(`  ${name.padEnd(16)} ${printable(text)}  (${from}${seen === undefined ? '' : `, ${seen}`})`);
  }
  for (const [phase, { status, at, durationMs }] of Object.entries(phases)) {
    const took = durationMs === undefined ? '' : `, took ${formatDuration(durationMs)}`;
    lines.push(`  ${phase.padEnd(20)} ${status}${at === undefined ? '' : ` ${at}`}${took}`);
  }
  return `${lines.join('\n')}\n`;
}
