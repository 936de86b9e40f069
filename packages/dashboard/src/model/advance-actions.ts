import type { NodeRunEvent } from './node-run-event.js';
import { failureOf } from './failure.js';
import type { ActionView } from './run-view.js';

type ActionRunEvent = Extract<NodeRunEvent, { type: `action:${string}` }>;

/** What one event makes of the actions of its node. @param at - when it happened, in milliseconds since 1970 */
export function advanceActions(
  actions: readonly ActionView[],
  event: ActionRunEvent,
  at: number,
): readonly ActionView[] {
  const { index, action } = event;
  switch (event.type) {
    case 'action:started': {
      const note = event.note === undefined ? {} : { note: event.note };
      return [...actions, { index, action, status: 'running', from: at, ...note }];
    }
    case 'action:replayed':
      return withLast(actions, event, at, (last) => ({ ...last, status: 'replayed', to: at }));
    case 'action:completed': {
      const changed = event.changed === undefined ? {} : { changed: event.changed };
      return withLast(actions, event, at, (last) => ({ ...last, status: 'completed', to: at, ...changed }));
    }
    case 'action:failed': {
      const failure = failureOf(event);
      return withLast(actions, event, at, (last) => ({ ...last, status: 'failed', to: at, failure }));
    }
  }
}

/** Actions that run still have ended with their phase. */
export function endOpenActions(actions: readonly ActionView[], at: number): readonly ActionView[] {
  if (actions.every(({ status }) => status !== 'running')) return actions;
  return actions.map((each) => (each.status === 'running' ? { ...each, status: 'aborted', to: at } : each));
}

/** With another last action at the place of an event; one that was not told to begin begins when the event allows. */
function withLast(
  actions: readonly ActionView[],
  event: ActionRunEvent,
  at: number,
  change: (last: ActionView) => ActionView,
): readonly ActionView[] {
  const { index, action } = event;
  const place = actions.findLastIndex((each) => each.index === index && each.status === 'running');
  const open = actions[place];
  if (open !== undefined) return actions.with(place, change(open));
  const from = 'durationMs' in event ? at - event.durationMs : at;
  return [...actions, change({ index, action, status: 'running', from })];
}
