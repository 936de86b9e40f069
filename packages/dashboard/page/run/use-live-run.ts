import type { RunEvent } from '@turingpi/core/plugin';
import { EventSource, type FetchLike } from 'eventsource';
import { useEffect, useState } from 'preact/hooks';
import { advanceRun } from '../../src/model/advance-run.js';
import { EMPTY_RUN, type RunView } from '../../src/model/run-view.js';

export type Connection = 'connecting' | 'open' | 'interrupted' | 'ended' | 'lost';

interface LiveRun {
  readonly view: RunView;
  readonly connection: Connection;
  /** Why the record could not be read to its end. */
  readonly failure?: string;
}

/** Events come by the hundred when a page opens late: so many are taken at once, and the page drawn in between. */
const AT_ONCE = 1000;
const DRAW_EVERY_MS = 100;

/** Follows the events of a run; it is connected again by itself, and says which it had last. */
export function useLiveRun(address: string, session: Promise<string | undefined>): LiveRun {
  const [run, setRun] = useState<LiveRun>({ view: EMPTY_RUN, connection: 'connecting' });
  useEffect(() => {
    const waiting: RunEvent[] = [];
    let source: EventSource | undefined;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let isGone = false;
    const connection = (next: Connection, failure?: string) =>
      setRun((run) => ({ ...run, connection: next, ...(failure === undefined ? {} : { failure }) }));
    const take = () => {
      const events = waiting.splice(0, AT_ONCE);
      timer = waiting.length === 0 ? undefined : setTimeout(take);
      setRun((run) => ({ ...run, view: advanceRun(run.view, events) }));
    };
    const open = (held: string) => {
      const opened = new EventSource(address, { fetch: bearing(held) });
      source = opened;
      opened.addEventListener('open', () => connection('open'));
      opened.addEventListener('error', () => {
        connection(opened.readyState === EventSource.CLOSED ? 'lost' : 'interrupted');
      });
      opened.addEventListener('message', ({ data }: MessageEvent<string>) => {
        waiting.push(...(JSON.parse(data) as RunEvent[]));
        timer ??= setTimeout(take, DRAW_EVERY_MS);
      });
      opened.addEventListener('end', ({ data }: MessageEvent<string>) => {
        opened.close();
        connection('ended', (JSON.parse(data) as { failure?: string }).failure);
      });
    };
    void session.then((held) => {
      if (isGone) return;
      if (held === undefined) connection('lost');
      else open(held);
    });
    return () => {
      isGone = true;
      source?.close();
      clearTimeout(timer);
    };
  }, [address, session]);
  return run;
}

/** Requests that say who asks: the browser's own event source cannot. */
function bearing(held: string): FetchLike {
  return (input, init) =>
    fetch(input, { ...init, headers: { ...init.headers, Authorization: `Bearer ${held}` } });
}
