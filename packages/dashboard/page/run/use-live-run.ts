import type { RunEvent } from '@turingpi/core/plugin';
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

/** Follows the events of a run; the browser connects again by itself, and says which it had last. */
export function useLiveRun(address: string): LiveRun {
  const [run, setRun] = useState<LiveRun>({ view: EMPTY_RUN, connection: 'connecting' });
  useEffect(() => {
    const source = new EventSource(address);
    const waiting: RunEvent[] = [];
    let timer: ReturnType<typeof setTimeout> | undefined;
    const connection = (next: Connection, failure?: string) =>
      setRun((run) => ({ ...run, connection: next, ...(failure === undefined ? {} : { failure }) }));
    const take = () => {
      const events = waiting.splice(0, AT_ONCE);
      timer = waiting.length === 0 ? undefined : setTimeout(take);
      setRun((run) => ({ ...run, view: advanceRun(run.view, events) }));
    };
    source.addEventListener('open', () => connection('open'));
    source.addEventListener('error', () => {
      connection(source.readyState === EventSource.CLOSED ? 'lost' : 'interrupted');
    });
    source.addEventListener('message', ({ data }: MessageEvent<string>) => {
      waiting.push(...(JSON.parse(data) as RunEvent[]));
      timer ??= setTimeout(take, DRAW_EVERY_MS);
    });
    source.addEventListener('end', ({ data }: MessageEvent<string>) => {
      source.close();
      connection('ended', (JSON.parse(data) as { failure?: string }).failure);
    });
    return () => {
      source.close();
      clearTimeout(timer);
    };
  }, [address]);
  return run;
}
