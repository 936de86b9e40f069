import type { ComponentChildren } from 'preact';
import { useEffect, useMemo } from 'preact/hooks';
import { failuresOf } from '../../src/model/failure.js';
import type { RunView } from '../../src/model/run-view.js';
import { BoardList } from '../board/board-list.js';
import { FailureList } from '../failure/failure-list.js';
import { RunHeader } from '../header/run-header.js';
import { NodeList } from '../node/node-list.js';
import { RUN_STATUS } from '../text/words.js';
import { Timeline } from '../timeline/timeline.js';
import { useStages } from './use-stages.js';

export interface RunPageProps {
  readonly view: RunView;
  /** Where the time has got to, in milliseconds since 1970. */
  readonly now: number;
  readonly live: boolean;
  /** What is to be said of the record itself. */
  readonly remark: string | undefined;
  readonly action?: ComponentChildren;
}

/** The whole page: what the run is, its boards, what went wrong, when what happened, and everything of each node. */
export function RunPage({ view, now, live, remark, action }: RunPageProps) {
  const failures = useMemo(() => view.nodes.flatMap(failuresOf), [view.nodes]);
  const drawn = useStages(4);
  useEffect(() => {
    if (view.facts)
      document.title = `${RUN_STATUS[view.status]}: turingpi ${view.facts.command} ${view.facts.runId}`;
  }, [view.facts, view.status]);
  return (
    <>
      <a class="skip" href="#nodes">
        Skip to the nodes
      </a>
      <RunHeader view={view} now={now} remark={remark} action={action} />
      <main>
        {drawn > 1 && <BoardList view={view} now={now} />}
        {drawn > 2 && failures.length > 0 && <FailureList failures={failures} />}
        {drawn > 2 && view.nodes.length > 0 && <Timeline view={view} now={now} live={live} />}
        {drawn > 3 && view.nodes.length > 0 && <NodeList nodes={view.nodes} />}
        {view.notes.length > 0 && (
          <section aria-labelledby="notes">
            <h2 id="notes">Notes</h2>
            <ul class="notes">
              {view.notes.map((note, index) => (
                <li key={index}>{note}</li>
              ))}
            </ul>
          </section>
        )}
      </main>
    </>
  );
}
