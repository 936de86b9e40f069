import type { RunEvent } from '@turingpi/core/plugin';
import { useEffect, useState } from 'preact/hooks';
import { advanceRun } from '../../src/model/advance-run.js';
import { EMPTY_RUN, type RunView } from '../../src/model/run-view.js';
import { type Connection, followStream } from '../live/follow-stream.js';

interface LiveRun {
  readonly view: RunView;
  readonly connection: Connection;
  /** Why the record could not be read to its end. */
  readonly failure?: string;
}

/** Events come by the hundred when a page opens late: so many are taken at once, and the page drawn in between. */
const AT_ONCE = 1000;
const DRAW_EVERY_MS = 100;

/** Follows the events of a run. */
export function useLiveRun(session: Promise<string | undefined>): LiveRun {
  const [run, setRun] = useState<LiveRun>({ view: EMPTY_RUN, connection: 'connecting' });
  useEffect(() => {
    const waiting: RunEvent[] = [];
    let timer: ReturnType<typeof setTimeout> | undefined;
    const take = () => {
      const events = waiting.splice(0, AT_ONCE);
      timer = waiting.length === 0 ? undefined : setTimeout(take);
      setRun((run) => ({ ...run, view: advanceRun(run.view, events) }));
    };
    const end = followStream(session, {
      onMessage: (data) => {
        waiting.push(...(JSON.parse(data) as RunEvent[]));
        timer ??= setTimeout(take, DRAW_EVERY_MS);
      },
      onConnection: (connection, failure) =>
        setRun((run) => ({ ...run, connection, ...(failure === undefined ? {} : { failure }) })),
    });
    return () => {
      end();
      clearTimeout(timer);
    };
  }, [session]);
  return run;
}
