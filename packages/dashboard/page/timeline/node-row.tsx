import { useMemo } from 'preact/hooks';
import type { NodeView, PhaseView } from '../../src/model/run-view.js';
import { hrefOf } from '../node/node-anchor.js';
import { formatClock, formatDuration } from '../text/format.js';
import { PHASE_STATUS, PHASE_WORDS } from '../text/words.js';
import { ActionTicks } from './action-ticks.js';
import { describeRow } from './describe-row.js';
import { extentOf, type TimeScale } from './time-scale.js';

interface NodeRowProps {
  readonly node: NodeView;
  readonly scale: TimeScale;
  readonly now: number;
}

/** The time of one node. */
export function NodeRow({ node, scale, now }: NodeRowProps) {
  const { start, span } = scale;
  const end = node.status === 'running' ? now : 0;
  return useMemo(
    () => (
      <li class="row">
        <a class="row-label" href={hrefOf(node)}>
          {node.hostname}
        </a>
        <div class="lane" role="img" aria-label={describeRow(node)}>
          {node.resources
            .filter(({ waitedMs }) => waitedMs / span > 0.002)
            .map(({ from, waitedMs }) => (
              <span key={from} class="wait" style={extentOf(scale, from - waitedMs, from)} />
            ))}
          {node.phases.map((phase) => (
            <Bar key={`${phase.phase} ${phase.from}`} phase={phase} scale={scale} now={now} />
          ))}
          <ActionTicks actions={node.actions} start={start} span={span} />
        </div>
      </li>
    ),
    [node, start, span, end],
  );
}

interface BarProps {
  readonly phase: PhaseView;
  readonly scale: TimeScale;
  readonly now: number;
}

function Bar({ phase, scale, now }: BarProps) {
  const to = phase.to ?? now;
  const word = PHASE_WORDS[phase.phase];
  const title = `${word}, ${PHASE_STATUS[phase.status]}: ${formatDuration(to - phase.from)}, ${formatClock(phase.from)} to ${formatClock(to)}`;
  return (
    <span
      class={`bar of-${phase.phase} is-${phase.status}`}
      style={extentOf(scale, phase.from, to)}
      title={title}
    >
      <span class="bar-word">{word}</span>
    </span>
  );
}
