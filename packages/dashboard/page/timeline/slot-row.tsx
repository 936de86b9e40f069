import type { NodeView } from '../../src/model/run-view.js';
import { formatClock, formatDuration } from '../text/format.js';
import { extentOf, type TimeScale } from './time-scale.js';

interface SlotRowProps {
  /** Those of one board. */
  readonly nodes: readonly NodeView[];
  readonly scale: TimeScale;
  readonly now: number;
}

/** Which node had the flash slot of its board, and when: there is one, so that nodes are written one after the other. */
export function SlotRow({ nodes, scale, now }: SlotRowProps) {
  const spans = nodes.flatMap(({ nodeId, hostname, resources }) =>
    resources
      .filter(({ resource }) => resource === 'slot')
      .map(({ from, to }) => ({ nodeId, hostname, from, to: to ?? now })),
  );
  if (spans.length === 0) return null;
  const told = spans.map(({ hostname, from, to }) => `${hostname} for ${formatDuration(to - from)}`);
  return (
    <li class="row slot-row">
      <span class="row-label">flash slot</span>
      <div class="lane" role="img" aria-label={`Flash slot: ${told.join(', ')}`}>
        {spans.map(({ nodeId, hostname, from, to }) => (
          <span
            key={`${nodeId} ${from}`}
            class="bar of-slot"
            style={extentOf(scale, from, to)}
            title={`${hostname}: ${formatDuration(to - from)}, ${formatClock(from)} to ${formatClock(to)}`}
          >
            <span class="bar-word is-short">{nodeId}</span>
          </span>
        ))}
      </div>
    </li>
  );
}
