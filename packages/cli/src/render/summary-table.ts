import { type NodeSummary, PHASES } from '@turingpi/core';
import Table from 'cli-table3';
import { formatDuration } from './format.js';
import { slotOf } from './place-of.js';

/** The outcome of a run as a table: node, phase, status, time. */
export function renderSummaryTable(summary: {
  readonly nodes: readonly Pick<NodeSummary, 'nodeId' | 'board' | 'hostname' | 'phases'>[];
}): string {
  const table = new Table({
    head: ['node', 'hostname', 'phase', 'status', 'time'],
    style: { head: [], border: [] },
  });
  for (const node of summary.nodes)
    for (const phase of PHASES) {
      const { outcome, durationMs } = node.phases[phase];
      const time = outcome === 'completed' || outcome === 'failed' ? formatDuration(durationMs) : '';
      table.push([slotOf(node), node.hostname, phase, outcome, time]);
    }
  return `${table.toString()}\n`;
}
