import { CancelRun } from '../header/cancel-run.js';
import { Announcer } from './announcer.js';
import { RunPage } from './run-page.js';
import { type Connection, useLiveRun } from './use-live-run.js';
import { useNow } from './use-now.js';

/** Whether whoever serves this can ask the run to end. */
const MAY_CANCEL = document.querySelector('meta[name="turingpi-cancel"]') !== null;

const REMARKS: Readonly<Record<Connection, string | undefined>> = {
  connecting: 'Connecting …',
  open: undefined,
  interrupted: 'The connection is interrupted; it is tried again.',
  ended: 'The record ends without the end of the run: its process is gone.',
  lost: 'Nothing more comes: the command that served this page has ended, or the address was used already.',
};

/** A run while it happens. */
export function LivePage({ session }: { readonly session: Promise<string | undefined> }) {
  const { view, connection, failure } = useLiveRun('/events', session);
  const goesOn = view.endedAt === undefined && (connection === 'open' || connection === 'interrupted');
  const now = useNow(goesOn);
  return (
    <>
      <RunPage
        view={view}
        now={view.endedAt ?? Math.max(goesOn ? now : 0, view.lastAt ?? 0)}
        live={goesOn}
        remark={failure ?? (view.endedAt === undefined ? REMARKS[connection] : undefined)}
        action={
          goesOn && view.facts && MAY_CANCEL ? (
            <CancelRun cancelling={view.status === 'cancelling'} session={session} />
          ) : undefined
        }
      />
      <Announcer view={view} />
    </>
  );
}
