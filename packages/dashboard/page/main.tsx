import { render } from 'preact';
import { LiveFleetPage } from './fleet/live-fleet-page.js';
import { openSession } from './live/open-session.js';
import { embeddedEvents } from './run/embedded-events.js';
import { LiveRunPage } from './run/live-run-page.js';
import { ReportPage } from './run/report-page.js';
import './style/page.css';

const place = document.getElementById('page');
if (place !== null) {
  place.textContent = '';
  render(meant(), place);
}

/** What the document says that it is about: a record inside, a run, or a fleet. */
function meant() {
  const events = embeddedEvents(document);
  if (events !== undefined) return <ReportPage events={events} />;
  const kind = document.querySelector('meta[name="turingpi-page"]')?.getAttribute('content');
  const session = openSession();
  return kind === 'fleet' ? <LiveFleetPage session={session} /> : <LiveRunPage session={session} />;
}
