import type { RepeatApproval } from './action-facts.js';
import { hashInputs } from './canonical-json.js';
import type { PhaseRecorder } from './phase-recorder.js';
import type { JournaledPhaseStep, PhaseEnvironment } from './phase-step.js';
import type { ConfiguredNode } from './phase.js';
import { reasonToRun } from './reason-to-run.js';
import { ReplayedJournal } from './replayed-journal.js';

/** Runs work in the environment of a phase, with everything cleaned up when it returns. */
type InEnvironment = <T>(work: (environment: PhaseEnvironment) => Promise<T>) => Promise<T>;

/**
 * Runs the post-install phase: its callback is replayed against the journal of the last run; from the first action
 * that differs on, actions are executed and recorded one by one.
 */
export async function runJournaledPhase(
  step: JournaledPhaseStep,
  recorder: PhaseRecorder,
  inEnvironment: InEnvironment,
  mayRepeat: RepeatApproval = false,
): Promise<ConfiguredNode> {
  // The installation counts even if a builder forgets it among its inputs: a re-flashed node has nothing of all this.
  const hash = hashInputs({ installationId: step.installationId, inputs: step.inputs });
  await recorder.assertNotRunning();
  const record = await recorder.read(); // afterwards: who ran it may just have finished
  const journal = new ReplayedJournal(recorder, hash, record, await recorder.readJournal(), mayRepeat);
  await inEnvironment(async (environment) => {
    try {
      await step.run(environment, journal);
      await journal.drain();
    } finally {
      await journal.close(); // before the cleanup takes the connection away
    }
  });
  await journal.dropRest();
  const output: ConfiguredNode = {
    installationId: step.installationId,
    actions: journal.length,
  };
  if (!recorder.started && record?.status === 'completed' && record.input_hash === hash) {
    recorder.skip();
    return output;
  }
  if (!recorder.started)
    await recorder.start({
      ...{ reason: reasonToRun(record, hash), facts: journal.facts },
      ...{ seen: record, keepJournal: journal.length },
    });
  journal.answer();
  await recorder.complete(journal.facts, output);
  return output;
}
