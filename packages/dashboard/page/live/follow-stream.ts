import { EventSource, type FetchLike } from 'eventsource';

export type Connection = 'connecting' | 'open' | 'interrupted' | 'ended' | 'lost';

interface StreamListener {
  readonly onMessage: (data: string) => void;
  /** @param failure - why it could not be told to its end */
  readonly onConnection: (connection: Connection, failure?: string) => void;
}

/**
 * Follows what the server tells of the page; it is connected again by itself, and says which message it had last.
 *
 * @returns Ends it.
 */
export function followStream(
  session: Promise<string | undefined>,
  { onMessage, onConnection }: StreamListener,
): () => void {
  let source: EventSource | undefined;
  let isGone = false;
  const open = (held: string) => {
    const opened = new EventSource('/events', { fetch: bearing(held) });
    source = opened;
    opened.addEventListener('open', () => onConnection('open'));
    opened.addEventListener('error', () => {
      onConnection(opened.readyState === EventSource.CLOSED ? 'lost' : 'interrupted');
    });
    opened.addEventListener('message', ({ data }: MessageEvent<string>) => onMessage(data));
    opened.addEventListener('end', ({ data }: MessageEvent<string>) => {
      opened.close();
      onConnection('ended', (JSON.parse(data) as { failure?: string }).failure);
    });
  };
  void session.then((held) => {
    if (isGone) return;
    if (held === undefined) onConnection('lost');
    else open(held);
  });
  return () => {
    isGone = true;
    source?.close();
  };
}

/** Requests that say who asks: the browser's own event source cannot. */
function bearing(held: string): FetchLike {
  return (input, init) =>
    fetch(input, { ...init, headers: { ...init.headers, Authorization: `Bearer ${held}` } });
}
