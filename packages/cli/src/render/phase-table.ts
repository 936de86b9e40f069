import { type NodeSummary, PHASES } from '@turingpi/core';
import { wordOf } from '../process/phase-words.js';
import { formatDuration } from './format.js';
import { slotOf } from './place-of.js';
import { renderTable } from './table.js';

/** What became of each phase of each node of a run, as a table. */
export function renderPhaseTable(
  nodes: readonly Pick<NodeSummary, 'nodeId' | 'board' | 'hostname' | 'phases'>[],
  columns: number | undefined,
): string {
  const rows = nodes.flatMap((node) =>
    PHASES.map((phase) => {
      const { outcome, durationMs } = node.phases[phase];
      const time = outcome === 'completed' || outcome === 'failed' ? formatDuration(durationMs) : '';
      return [slotOf(node), node.hostname, wordOf(phase), outcome, time];
    }),
  );
  return renderTable(['node', 'hostname', 'phase', 'status', 'time'], rows, columns);
}
