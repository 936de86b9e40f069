import { render } from 'preact';
import { embeddedEvents } from './run/embedded-events.js';
import { LivePage } from './run/live-page.js';
import { openSession } from './run/open-session.js';
import { ReportPage } from './run/report-page.js';
import './style/page.css';

const place = document.getElementById('page');
const events = embeddedEvents(document);
if (place !== null) {
  place.textContent = '';
  render(events === undefined ? <LivePage session={openSession()} /> : <ReportPage events={events} />, place);
}
