import type { ComponentChildren } from 'preact';
import type { NodeStatus, RunView } from '../../src/model/run-view.js';
import { StatusMark } from '../mark/status-mark.js';
import { count, formatDate, formatDuration } from '../text/format.js';
import { NODE_STATUS, RUN_STATUS } from '../text/words.js';

interface RunHeaderProps {
  readonly view: RunView;
  readonly now: number;
  readonly remark: string | undefined;
  readonly action: ComponentChildren;
}

const ORDER: readonly NodeStatus[] = ['failed', 'blocked', 'aborted', 'running', 'waiting', 'completed'];

/** Which run this is, how it stands, and how its nodes do. */
export function RunHeader({ view, now, remark, action }: RunHeaderProps) {
  const { facts, status, startedAt, endedAt, cancelledBy } = view;
  const simulated = view.boards.length > 0 && view.boards.every((board) => board.simulated);
  return (
    <header>
      <div class="title">
        <h1>
          turingpi {facts?.command ?? 'run'}
          {facts && <span class="run-id">{facts.runId}</span>}
        </h1>
        <p class={`badge is-${status}`}>
          <StatusMark status={status} />
          {RUN_STATUS[status]}
        </p>
        {simulated && <p class="badge is-simulated">simulated</p>}
        {action}
      </div>
      {facts && startedAt !== undefined && (
        <p class="facts">
          <span>{formatDate(startedAt)}</span>
          <span>
            {endedAt === undefined
              ? `${formatDuration(now - startedAt)} so far`
              : `took ${formatDuration(endedAt - startedAt)}`}
          </span>
          <span>
            on {facts.host}, process {facts.pid}
          </span>
          <span>version {facts.version}</span>
          {cancelledBy !== undefined && <span>cancelled by {cancelledBy}</span>}
        </p>
      )}
      <ul class="tally" aria-label={count(view.nodes.length, 'node')}>
        {ORDER.map((each) => [each, view.nodes.filter((node) => node.status === each).length] as const)
          .filter(([, amount]) => amount > 0)
          .map(([each, amount]) => (
            <li key={each}>
              <StatusMark status={each} />
              {amount} {NODE_STATUS[each]}
            </li>
          ))}
      </ul>
      {remark !== undefined && <p class="remark">{remark}</p>}
    </header>
  );
}
