import type { PhaseName } from '@turingpi/core/plugin';
import type { NodeView, PhaseView } from '../../src/model/run-view.js';
import { StatusMark } from '../mark/status-mark.js';
import { hrefOf } from '../node/node-anchor.js';
import { describeProgress, fractionOf } from '../text/describe-progress.js';
import { formatDuration } from '../text/format.js';
import { NODE_STATUS, PHASE_NAMES, PHASE_STATUS, PHASE_WORDS, POWER } from '../text/words.js';
import { ProgressBar } from './progress-bar.js';

/** One slot of a board: its module, where it is reached, and how far it is. */
export function SlotCard({ node, now }: { readonly node: NodeView; readonly now: number }) {
  const last = node.phases.at(-1);
  return (
    <li class={`card slot is-${node.status}`}>
      <p class="slot-top">
        <span class="slot-number">
          <span class="unseen">Slot </span>
          {node.nodeId}
        </span>
        <span class="module">{node.module ?? 'module not told'}</span>
        <span class="slot-status">
          <StatusMark status={node.status} />
          {NODE_STATUS[node.status]}
        </span>
      </p>
      <p class="slot-name">
        <a href={hrefOf(node)}>{node.hostname}</a>
      </p>
      <dl>
        <dt class="unseen">Address</dt>
        <dd class="address">{node.address ?? 'not told'}</dd>
        <dt>Power</dt>
        <dd>{POWER[node.power]}</dd>
      </dl>
      <ol class="steps" aria-label="Phases">
        {PHASE_NAMES.map((phase) => (
          <Step key={phase} phase={phase} view={node.phases.findLast((each) => each.phase === phase)} />
        ))}
      </ol>
      {last?.status === 'running' && <Running node={node} phase={last} now={now} />}
    </li>
  );
}

function Step({ phase, view }: { readonly phase: PhaseName; readonly view: PhaseView | undefined }) {
  const status = view?.status ?? 'pending';
  return (
    <li class={`step is-${status}`}>
      <StatusMark status={status} />
      {PHASE_WORDS[phase]}
      <span class="unseen"> {view === undefined ? 'to come' : PHASE_STATUS[view.status]}</span>
    </li>
  );
}

interface RunningProps {
  readonly node: NodeView;
  readonly phase: PhaseView;
  readonly now: number;
}

function Running({ node, phase, now }: RunningProps) {
  const { progress } = phase;
  const action = phase.phase === 'post_installation' ? node.actions.at(-1) : undefined;
  const activity = progress?.activity ?? (action === undefined ? PHASE_WORDS[phase.phase] : 'actions');
  const fraction = progress === undefined ? undefined : fractionOf(progress);
  return (
    <div class="running">
      <p class="activity">
        <span>{activity}</span>
        <span>
          {fraction === undefined
            ? formatDuration(Math.max(0, now - phase.from))
            : `${Math.floor(fraction * 100)} %`}
        </span>
      </p>
      <ProgressBar fraction={fraction} label={`${node.hostname}: ${activity}`} />
      <p class="detail">
        {progress !== undefined && describeProgress(progress).map((part) => <span key={part}>{part}</span>)}
        {progress === undefined && action !== undefined && (
          <span>
            {action.index} {action.action}
          </span>
        )}
      </p>
    </div>
  );
}

/** A slot that this run has nothing to do with. */
export function EmptySlot({ number }: { readonly number: number }) {
  return (
    <li class="card slot is-empty">
      <p class="slot-top">
        <span class="slot-number">
          <span class="unseen">Slot </span>
          {number}
        </span>
        <span class="quiet">not part of this run</span>
      </p>
    </li>
  );
}
