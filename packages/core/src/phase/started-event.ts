import type { InputChange } from '@turingpi/foundation';
import type { PhaseStartReason, TuringPiEvent } from '../event/event.js';
import type { Redactor } from '../logging/redactor.js';
import type { PhaseRecord } from '../state/state-document.js';
import { ofCrashed } from './crashed-record.js';
import type { PhaseName } from './phase.js';

type StartedEvent = Extract<TuringPiEvent, { readonly type: 'phase:started' }>;

/** What is told of a phase that starts. @param seen - the record on which it was decided to run it */
export function startedEvent(
  phase: PhaseName,
  start: {
    readonly reason: PhaseStartReason;
    readonly changes?: readonly InputChange[];
    readonly seen: PhaseRecord | undefined;
  },
  redactor: Redactor,
): Pick<StartedEvent, 'type' | 'phase' | 'reason' | 'changes' | 'note'> {
  const { reason, changes, seen } = start;
  const note = reason === 'previous run crashed' ? ofCrashed(phase, seen) : undefined;
  const clean = changes?.map((change) => ({
    ...change,
    before: redactor.redact(change.before),
    after: redactor.redact(change.after),
  }));
  return {
    ...{ type: 'phase:started', phase, reason },
    ...(clean === undefined ? {} : { changes: clean }),
    ...(note === undefined ? {} : { note }),
  };
}
