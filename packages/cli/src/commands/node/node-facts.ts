import { type NodeFacts, readFacts } from '@turingpi/linux';
import { connectNode } from '@turingpi/provisioning';
import { openBoards } from '../../cluster/open-boards.js';
import { declaredPassword } from '../../node/declared-password.js';
import { namedNodes } from '../../node/named-nodes.js';
import { reportNodes, slotOfNode } from '../../node/node-report.js';
import { exitCodeOfNodes, onEachNode } from '../../node/on-each-node.js';
import { onInterruption } from '../../process/interruption.js';
import type { NodesNamed } from '../../process/node-names.js';
import { remark } from '../../process/remark.js';
import type { Terminal } from '../../process/terminal.js';
import { formatBytes } from '../../render/format.js';
import { printable } from '../../render/printable.js';
import { renderTable } from '../../render/table.js';
import type { NodeCommandOptions } from './node-command-options.js';

/** `turingpi node facts [NODES]`: asks nodes what they are made of. */
export async function nodeFacts(
  nodes: NodesNamed,
  options: NodeCommandOptions,
  terminal: Terminal,
): Promise<number> {
  const json = options.json === true;
  using interruption = onInterruption(() => remark(terminal, 'stopping'));
  const { signal } = interruption;
  await using opened = await openBoards(options.config, terminal, { debug: options.verbose === true });
  const outcomes = await onEachNode(namedNodes(opened, nodes), (one) =>
    one.cluster.visit(
      one.node.id,
      async (context) => {
        await using session = await connectNode(context, await declaredPassword(opened, one, terminal));
        return { facts: await readFacts(session, signal), seen: new Date().toISOString() };
      },
      interruption,
    ),
  );
  if (!json) {
    const head = ['node', 'hostname', 'system', 'kernel', 'module', 'CPUs', 'memory', 'disks', 'interfaces'];
    const rows = outcomes.flatMap((outcome) =>
      'result' in outcome ? [[slotOfNode(outcome.named), ...columnsOf(outcome.result.facts)]] : [],
    );
    if (rows.length > 0) terminal.stdout.write(renderTable(head, rows, terminal.stdout.columns));
  }
  reportNodes(json ? outcomes : outcomes.filter((one) => 'error' in one), terminal, {
    json,
    redact: (_, text) => text,
    words: () => 'ok',
    data: ({ facts, seen }) => ({ facts, seen }),
  });
  return exitCodeOfNodes(outcomes, signal);
}

function columnsOf(facts: NodeFacts): readonly string[] {
  const { hostname, os, kernel, architecture, cpuCount, memoryBytes, disks, interfaces, model, serial } =
    facts;
  return [
    hostname,
    os.name,
    `${kernel} ${architecture}`,
    [model, serial].filter((word) => word !== undefined).join('\n'),
    cpuCount === 0 ? '' : String(cpuCount),
    memoryBytes === 0 ? '' : formatBytes(memoryBytes),
    disks
      .map(({ name, sizeBytes, model: disk = '' }) => `${name} ${formatBytes(sizeBytes)} ${disk}`.trim())
      .join('\n'),
    interfaces
      .map(({ name, macAddress, addresses }) => [name, macAddress, ...addresses].join(' '))
      .join('\n'),
  ].map((text) => text.split('\n').map(printable).join('\n'));
}
