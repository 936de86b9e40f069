import { decideImage } from './decide-image.js';
import { decideInstallation } from './decide-installation.js';
import type { PhaseDecision } from './phase-decision.js';
import type { PhaseQuestion } from './phase-question.js';
import type { PhaseName } from './phase.js';

/**
 * Whether a phase runs or its record is taken: the same for a run and for a plan.
 *
 * @throws As {@link decideImage} and {@link decideInstallation}.
 */
export async function decidePhase<P extends PhaseName>(
  question: PhaseQuestion<P>,
): Promise<PhaseDecision<P>> {
  if (isAbout(question, 'image_customization')) return (await decideImage(question)) as PhaseDecision<P>;
  if (isAbout(question, 'os_installation')) return (await decideInstallation(question)) as PhaseDecision<P>;
  throw new TypeError(`${question.step.id} is run by runJournaled`);
}

function isAbout<P extends PhaseName>(
  question: PhaseQuestion<PhaseName>,
  phase: P,
): question is PhaseQuestion<P> {
  return question.step.id === phase;
}
