import { hashInputs } from '../phase/canonical-json.js';
import type { JournaledPhaseStep, PhaseEnvironment } from '../phase/phase-step.js';
import { reasonToRun } from '../phase/reason-to-run.js';
import type { JournalEntry } from '../state/journal-entry.js';
import type { PhaseRecord } from '../state/state-document.js';
import type { PlannedPhase } from './cluster-plan.js';
import { PlannedJournal } from './planned-journal.js';

/** What is known of the actions of a node that were done. */
export interface KnownActions {
  readonly record: PhaseRecord | undefined;
  /** What is on record of them; empty where the node is installed first. */
  readonly before: readonly JournalEntry[];
  /** The node is installed first: nothing that was done holds. */
  readonly isNew: boolean;
}

/**
 * What a run would make of the last phase: its callback is replayed against the journal, and left where a run would begin to
 * do something.
 *
 * @throws What the callback throws before that.
 */
export async function planActions(
  step: JournaledPhaseStep,
  { record, before, isNew }: KnownActions,
  environment: PhaseEnvironment,
): Promise<Omit<PlannedPhase, 'estimateMs'>> {
  const { id: phase, installationId, foreseeable = false } = step;
  const hash = hashInputs({ installationId, inputs: step.inputs });
  const isRecorded = !isNew && record?.input_hash === hash && record.status !== 'pending';
  const journal = new PlannedJournal(
    isRecorded ? before : [],
    isRecorded ? record.done_before : undefined,
    foreseeable,
  );
  const isAsked = isRecorded || foreseeable;
  if (isAsked)
    try {
      await step.run(environment, journal);
    } catch (error) {
      if (!journal.diverged) throw error;
    }
  // Of a node that is installed first, the id of its installation is among them.
  const common = { phase, inputHashes: isNew ? [] : [hash], power: false, changes: [], unknown: [] };
  if (isRecorded && !journal.diverged && !journal.changesRecord && record.status === 'completed')
    return { ...common, decision: 'skip' };
  const ofThisInstallation = record?.output?.['installationId'] === installationId || isRecorded;
  const reason = reasonToRun(isNew ? undefined : record, hash);
  return {
    ...common,
    ...{ decision: 'run', takesEffect: 'in place' },
    reason: isRecorded && reason === 'output missing or changed' ? 'actions changed' : reason,
    actions: isAsked ? journal.actions(ofThisInstallation ? before : []) : { kept: 0, from: 0, again: [] },
  };
}
