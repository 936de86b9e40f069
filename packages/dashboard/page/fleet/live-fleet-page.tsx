import { useEffect, useMemo, useState } from 'preact/hooks';
import type { FleetView } from '../../src/fleet/fleet-view.js';
import { Announcer } from '../live/announcer.js';
import { type Connection, followStream } from '../live/follow-stream.js';
import { FleetPage } from './fleet-page.js';
import { statesOfFleet } from './states-of-fleet.js';

const NOTHING: FleetView = { fleet: '', rollouts: [], sites: [] };

const REMARKS: Readonly<Record<Connection, string | undefined>> = {
  connecting: 'Connecting …',
  open: undefined,
  interrupted: 'The connection is interrupted; it is tried again.',
  ended: 'The command that served this page has ended: this is what was there then.',
  lost: 'Nothing more comes: the command that served this page has ended, or the address was used already.',
};

interface LiveFleet {
  readonly view: FleetView;
  readonly connection: Connection;
  readonly failure?: string;
}

/** A fleet as it is now. */
export function LiveFleetPage({ session }: { readonly session: Promise<string | undefined> }) {
  const [{ view, connection, failure }, setFleet] = useState<LiveFleet>({
    view: NOTHING,
    connection: 'connecting',
  });
  useEffect(
    () =>
      followStream(session, {
        onMessage: (data) => setFleet((fleet) => ({ ...fleet, view: JSON.parse(data) as FleetView })),
        onConnection: (next, why) =>
          setFleet(({ view: known }) => ({
            ...{ view: known, connection: next },
            ...(why === undefined ? {} : { failure: why }),
          })),
      }),
    [session],
  );
  const states = useMemo(() => statesOfFleet(view), [view]);
  const isServed = connection === 'open' || connection === 'interrupted';
  return (
    <>
      <FleetPage
        view={view}
        remark={failure ?? REMARKS[connection] ?? view.problem}
        session={isServed ? session : undefined}
      />
      <Announcer states={states} />
    </>
  );
}
