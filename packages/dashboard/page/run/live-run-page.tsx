import { useMemo } from 'preact/hooks';
import { CancelButton } from '../header/cancel-button.js';
import { Announcer } from '../live/announcer.js';
import type { Connection } from '../live/follow-stream.js';
import { MAY_CANCEL } from '../live/may-cancel.js';
import { RunPage } from './run-page.js';
import { statesOfRun } from './states-of-run.js';
import { useLiveRun } from './use-live-run.js';
import { useNow } from './use-now.js';

const REMARKS: Readonly<Record<Connection, string | undefined>> = {
  connecting: 'Connecting …',
  open: undefined,
  interrupted: 'The connection is interrupted; it is tried again.',
  ended: 'The record ends without the end of the run: its process is gone.',
  lost: 'Nothing more comes: the command that served this page has ended, or the address was used already.',
};

const MEANS =
  'It ends at the next safe point. A flash that is under way is cancelled on the board, and its node has to be installed ' +
  'again. What is completed stays so; the next run goes on from there.';

/** A run while it happens. */
export function LiveRunPage({ session }: { readonly session: Promise<string | undefined> }) {
  const { view, connection, failure } = useLiveRun(session);
  const goesOn = view.endedAt === undefined && (connection === 'open' || connection === 'interrupted');
  const now = useNow(goesOn);
  const states = useMemo(() => statesOfRun(view), [view]);
  return (
    <>
      <RunPage
        view={view}
        now={view.endedAt ?? Math.max(goesOn ? now : 0, view.lastAt ?? 0)}
        live={goesOn}
        remark={failure ?? (view.endedAt === undefined ? REMARKS[connection] : undefined)}
        action={
          goesOn && view.facts && MAY_CANCEL ? (
            <CancelButton
              thing="run"
              means={MEANS}
              cancelling={view.status === 'cancelling'}
              session={session}
            />
          ) : undefined
        }
      />
      <Announcer states={states} />
    </>
  );
}
