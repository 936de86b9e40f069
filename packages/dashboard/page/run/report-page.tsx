import type { RunEvent } from '@turingpi/core/plugin';
import { useEffect, useState } from 'preact/hooks';
import { advanceRun, foldRun } from '../../src/model/advance-run.js';
import { RunPage } from './run-page.js';

/** So many are taken before the browser may draw. */
const AT_ONCE = 1000;

/** A run as its record tells it. */
export function ReportPage({ events }: { readonly events: readonly RunEvent[] }) {
  const [taken, setTaken] = useState(AT_ONCE);
  const [view, setView] = useState(() => foldRun(events.slice(0, AT_ONCE)));
  useEffect(() => {
    if (taken >= events.length) return;
    const timer = setTimeout(() => {
      setView(advanceRun(view, events.slice(taken, taken + AT_ONCE)));
      setTaken(taken + AT_ONCE);
    });
    return () => clearTimeout(timer);
  }, [events, taken, view]);
  const openEnd = view.status === 'running' || view.status === 'cancelling';
  if (taken < events.length) return <p>Reading the record …</p>;
  return (
    <RunPage
      view={view}
      now={view.endedAt ?? view.lastAt ?? 0}
      live={false}
      remark={
        openEnd ? 'The record has no end: the run went on when this was written, or was killed.' : undefined
      }
    />
  );
}
