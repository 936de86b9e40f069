import type { PhaseRecord } from '../state/state-document.js';
import { standingInstallation } from '../state/standing-installation.js';
import type { InputChange } from '@turingpi/foundation';
import { changedInputs, type InputDigests } from './input-digests.js';
import type { PhaseDecision } from './phase-decision.js';
import type { PhaseQuestion } from './phase-question.js';
import type { PhaseStep } from './phase-step.js';
import type { InPlaceAnswer } from './in-place.js';
import type { CustomizedImage, InstalledNode } from './phase.js';
import { reasonToRun } from './reason-to-run.js';
import { writtenInstallation } from './written-installation.js';

/** Said of what was made by another version of ours from the same settings. */
export const OUTDATED = 'made by an earlier version of this program; a reinstallation would make it anew';

/** Said of a node that was taken as it is. */
export const ADOPTED = 'adopted: what runs there was not made from these settings';

/** Said of an image that is not made, since its node becomes the same as it runs. */
const IN_PLACE = 'no image is made: what changed is applied in place';

/**
 * Whether a node's image is made.
 *
 * @remarks The image of a finished installation is not looked for: what counts is what is on the node. An image for a
 * finished node whose settings changed is made only when its reinstallation is approved; where all of them can be applied to
 * the node as it runs, none is. For any other node it is asked
 * early whether its disk may be erased, and the image is made whatever the answer: it harms nobody.
 *
 * @throws ErasureError `NEEDS_REINSTALL`
 */
export async function decideImage(
  question: PhaseQuestion<'image_customization'>,
): Promise<PhaseDecision<'image_customization'>> {
  const { step, hash, inputs, records, erasure, reinstall, environment, imageOnly } = question;
  const whoAnswers = step.whoAnswers?.bind(step);
  const common = {
    disk: step.disk ?? 'emmc',
    plan: hash,
    ...(whoAnswers === undefined ? {} : { whoAnswers: () => whoAnswers(environment) }),
  };
  const image = records.image_customization;
  const installed = standingInstallation(records.os_installation);
  if (installed !== undefined) {
    const onNode = installed.image;
    const isLeft = !reinstall && step.rerun !== true && erasure.permit === undefined;
    if (isLeft && onNode !== undefined) {
      const output = onNode.output as unknown as CustomizedImage;
      if (installed.adopted === true && onNode.inputs === undefined)
        return { reuse: output, note: output.adopted === true ? ADOPTED : OUTDATED };
      if (onNode.input_hash === hash)
        return onNode.recipe === step.recipe ? { reuse: output } : { reuse: output, note: OUTDATED };
    }
    const differences = changesOf(installed, inputs);
    const answer = isLeft ? await inPlace(question, installed, differences) : undefined;
    if (answer?.change !== undefined)
      return { reuse: answer.change.output, recipe: onNode?.recipe, note: IN_PLACE };
    const changes = answer?.changes ?? (await explained(step, differences, onNode?.output));
    if (installed.adopted === true && changes.length === 0 && isLeft && onNode !== undefined)
      return { reuse: onNode.output as unknown as CustomizedImage };
    if (imageOnly !== true) {
      const permit = await erasure.approve({ ...common, changes, wanted: reinstall });
      if (permit === undefined) throw erasure.refusal();
    }
    const ready = step.rerun !== true && (await isReady(question, image));
    if (ready && image !== undefined) return { reuse: image.output as unknown as CustomizedImage };
    return { run: reinstall && changes.length === 0 ? 'reinstallation' : 'inputs changed', changes };
  }
  const written = writtenInstallation(records)?.image;
  if (written?.input_hash === hash && written.recipe === step.recipe && !reinstall && step.rerun !== true)
    return { reuse: written.output as unknown as CustomizedImage };
  if (imageOnly !== true) await erasure.approve({ ...common, changes: [] });
  if (step.rerun !== true && image !== undefined && (await isReady(question, image)))
    return { reuse: image.output as unknown as CustomizedImage };
  return { run: reasonToRun(image, hash) };
}

/**
 * What differs from the installed image. An adopted node told all that went into its image, also what an installer
 * brought: only what this builder is told can be compared.
 */
function changesOf(installed: PhaseRecord, inputs: InputDigests): readonly InputChange[] {
  const changes = changedInputs(installed.image?.inputs ?? {}, inputs);
  return installed.adopted === true ? changes.filter(({ name }) => name in inputs) : changes;
}

/** The same in the words of the step. */
async function explained(
  step: PhaseStep<'image_customization'>,
  changes: readonly InputChange[],
  before: PhaseRecord['output'],
): Promise<readonly InputChange[]> {
  if (before === undefined || changes.length === 0 || step.explain === undefined) return changes;
  return step.explain(changes, before as unknown as CustomizedImage);
}

/** What becomes of differences on the node as it runs; undefined where that is not known. */
async function inPlace(
  { step, environment }: PhaseQuestion<'image_customization'>,
  { adopted, image, output }: PhaseRecord,
  changes: readonly InputChange[],
): Promise<InPlaceAnswer<'image_customization'> | undefined> {
  if (adopted === true || image === undefined || changes.length === 0) return undefined;
  const on = {
    image: image.output as unknown as CustomizedImage,
    installed: output as unknown as InstalledNode,
  };
  return step.inPlace?.({ changes, ...on, tried: {} }, environment);
}

/** Whether the image was made from the same settings and its file is there. */
async function isReady(
  { step, hash, environment }: PhaseQuestion<'image_customization'>,
  image: PhaseRecord | undefined,
): Promise<boolean> {
  if (image?.status !== 'completed' || image.input_hash !== hash || image.output === undefined) return false;
  return (await step.stands(image.output as unknown as CustomizedImage, environment)) === true;
}
