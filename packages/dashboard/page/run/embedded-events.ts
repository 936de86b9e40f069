import type { RunEvent } from '@turingpi/core/plugin';

/** The events that a report has inside; none in the live page. */
export function embeddedEvents(page: Document): readonly RunEvent[] | undefined {
  const text = page.getElementById('events')?.textContent ?? '';
  return text === '' ? undefined : (JSON.parse(text) as readonly RunEvent[]);
}
