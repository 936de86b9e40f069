import type { NodeRunEvent } from './node-run-event.js';
import { failureOf } from './failure.js';
import type { PhaseView } from './run-view.js';

type PhaseRunEvent = Extract<NodeRunEvent, { type: `phase:${string}` }>;

/** What one event makes of the phases of its node. @param at - when it happened, in milliseconds since 1970 */
export function advancePhases(
  phases: readonly PhaseView[],
  event: PhaseRunEvent,
  at: number,
): readonly PhaseView[] {
  const { phase } = event;
  switch (event.type) {
    case 'phase:started': {
      const { reason, changes = [], note } = event;
      const known = { reason, changes, ...(note === undefined ? {} : { note }) };
      const last = phases.at(-1);
      // While it is found out whether it runs it has progress already.
      if (last?.phase === phase && last.status === 'running' && last.reason === undefined)
        return phases.with(-1, { ...last, ...known });
      const begun = { phase, status: 'running', from: at, warnings: [], ...known } as const;
      return [...endOpenPhases(phases, at, 'aborted'), begun];
    }
    case 'phase:progress': {
      const { progress } = event;
      const note = progress.warning === true ? progress.note : undefined;
      return withLast(phases, event, at, (last) => ({
        ...{ ...last, progress },
        warnings:
          note === undefined || last.warnings.includes(note) ? last.warnings : [...last.warnings, note],
      }));
    }
    case 'phase:skipped': {
      const { note } = event;
      return withLast(phases, event, at, (last) =>
        ended(last, at, 'skipped', note === undefined ? {} : { note }),
      );
    }
    case 'phase:completed':
      return withLast(phases, event, at, (last) => ended(last, at, 'completed'));
    case 'phase:blocked':
      return withLast(phases, event, at, (last) => ended(last, at, 'blocked', { failure: failureOf(event) }));
    case 'phase:failed':
      return withLast(phases, event, at, (last) => ended(last, at, 'failed', { failure: failureOf(event) }));
  }
}

/** Phases that run still have ended with what they are a part of. */
export function endOpenPhases(
  phases: readonly PhaseView[],
  at: number,
  as: 'completed' | 'failed' | 'aborted',
): readonly PhaseView[] {
  return phases.map((phase) => (phase.status === 'running' ? ended(phase, at, as) : phase));
}

function ended(
  phase: PhaseView,
  to: number,
  status: PhaseView['status'],
  more: Partial<PhaseView> = {},
): PhaseView {
  const { progress: _told, ...rest } = phase;
  return { ...rest, status, to, ...more };
}

/** With another last execution of the phase of an event; one that was not told to begin begins when the event allows. */
function withLast(
  phases: readonly PhaseView[],
  event: PhaseRunEvent,
  at: number,
  change: (last: PhaseView) => PhaseView,
): readonly PhaseView[] {
  const place = phases.findLastIndex(({ phase, status }) => phase === event.phase && status === 'running');
  const open = phases[place];
  if (open !== undefined) return phases.with(place, change(open));
  const from = 'durationMs' in event ? at - event.durationMs : at;
  return [...phases, change({ phase: event.phase, status: 'running', from, changes: [], warnings: [] })];
}
