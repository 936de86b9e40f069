import type { ActionStatus, NodeStatus, PhaseStatus, RunStatus } from '../../src/model/run-view.js';

/** What there is a sign for. */
export type Mark = ActionStatus | NodeStatus | PhaseStatus | RunStatus | 'pending';

const CIRCLE = 'M8 1.75a6.25 6.25 0 1 1 0 12.5a6.25 6.25 0 1 1 0-12.5';
/** A shape for each, so that the colour is never all there is. */
const SHAPES: Readonly<Record<Mark, string>> = {
  pending: CIRCLE,
  waiting: CIRCLE,
  running: `${CIRCLE}M8 4.5v3.5l2.5 1.75`,
  cancelling: `${CIRCLE}M5 8h6`,
  completed: 'M2.5 8.5l3.75 3.75l7.25-8.25',
  replayed: 'M2.5 8.5l3.75 3.75l7.25-8.25',
  skipped: 'M3 3.5l4.5 4.5l-4.5 4.5M8.5 3.5l4.5 4.5l-4.5 4.5',
  failed: 'M3 3l10 10M13 3l-10 10',
  blocked: `${CIRCLE}M3.75 3.75l8.5 8.5`,
  incomplete: `${CIRCLE}M3.75 3.75l8.5 8.5`,
  aborted: 'M3 3h10v10h-10z',
};

/** The sign of a status; what it means stands beside it in words. */
export function StatusMark({ status }: { readonly status: Mark }) {
  return (
    <svg class={`mark is-${status}`} viewBox="0 0 16 16" aria-hidden="true" focusable="false">
      <path d={SHAPES[status]} />
    </svg>
  );
}
