import type { RunEvent } from '@turingpi/core/plugin';

/**
 * The events without progress that later progress replaced: what they amount to is the same, in a fraction of the size.
 * Kept are the last of each phase, the first of each activity, and warnings.
 */
export function withoutStaleProgress(events: readonly RunEvent[]): readonly RunEvent[] {
  const activity = new Map<string, string | undefined>();
  const last = new Map<string, RunEvent>();
  const phaseOf = (event: RunEvent) =>
    'phase' in event ? `${event.board ?? ''}/${event.nodeId}/${event.phase}` : undefined;
  const fresh = new Set<RunEvent>();
  for (const event of events) {
    const phase = phaseOf(event);
    if (phase === undefined) continue;
    if (event.type !== 'phase:progress') {
      if (event.type.startsWith('phase:')) activity.delete(phase); // another execution of it may begin
      continue;
    }
    if (activity.get(phase) !== event.progress.activity || event.progress.warning === true) fresh.add(event);
    activity.set(phase, event.progress.activity);
    last.set(phase, event);
  }
  for (const event of last.values()) fresh.add(event);
  return events.filter((event) => event.type !== 'phase:progress' || fresh.has(event));
}
