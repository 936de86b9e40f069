import type { NodeState, PhaseRecord } from '../state/state-document.js';
import type { PhaseFacts } from './claimed-record.js';
import type { InputDigests } from './input-digests.js';
import type { PhaseStep } from './phase-step.js';
import type { CustomizedImage, PhaseName, PhaseOutputs } from './phase.js';

/** The image of one run of a node, which the record of its installation keeps. */
export class ImageOfRun {
  #image: { readonly facts: PhaseFacts; readonly output: CustomizedImage } | undefined;

  /** What an installation puts onto the disk; undefined where this run has no image. */
  get plan(): string | undefined {
    return this.#image?.facts.input_hash;
  }

  /**
   * Takes the image that is on record, in a run that begins after it: the record of the installation keeps which one it
   * was, or the next whole run would not know what is on the node.
   */
  take(
    phase: PhaseName,
    output: PhaseOutputs[PhaseName],
    { image_customization: made, ...records }: NodeState,
  ): void {
    if (phase !== 'image_customization') return;
    const { input_hash, inputs, recipe } =
      made?.status === 'completed' ? made : (records.os_installation?.image ?? {});
    if (input_hash === undefined) return;
    const facts = { input_hash, ...(inputs && { inputs }), ...(recipe !== undefined && { recipe }) };
    this.#image = { facts, output: output as CustomizedImage };
  }

  /**
   * What decided the result of a step, by the recipe of what is taken for it, where that is another one than the step's; of an
   * installation also the image that it put onto the node.
   */
  factsOf(
    step: PhaseStep<PhaseName>,
    hash: string,
    inputs: InputDigests,
    taken: { readonly reuse?: unknown; readonly run?: unknown; readonly recipe?: number | undefined } = {},
  ): PhaseFacts {
    const made = 'recipe' in taken ? taken.recipe : step.recipe;
    const recipe = made === undefined ? {} : { recipe: made };
    const facts: PhaseFacts = { input_hash: hash, inputs, ...recipe };
    if (step.id !== 'os_installation' || this.#image === undefined) return facts;
    const { facts: image, output } = this.#image;
    return {
      ...facts,
      image: {
        input_hash: image.input_hash ?? '',
        ...(image.inputs === undefined ? {} : { inputs: image.inputs }),
        ...(image.recipe === undefined ? {} : { recipe: image.recipe }),
        output: JSON.parse(JSON.stringify(output)) as NonNullable<PhaseRecord['output']>,
      },
    };
  }

  /** Keeps the output of an image step. @returns The output of whatever step as it is handed on: an image with its plan. */
  keep<P extends PhaseName>(
    step: Pick<PhaseStep<P>, 'id'>,
    facts: PhaseFacts,
    output: PhaseOutputs[P],
  ): PhaseOutputs[P] {
    // A plugin in JavaScript may hand nothing on: recording it says so.
    if (step.id !== 'image_customization' || typeof (output as unknown) !== 'object') return output;
    const plan = facts.input_hash;
    const kept = { ...(output as CustomizedImage), ...(plan === undefined ? {} : { plan }) };
    this.#image = { facts, output: kept };
    return kept as PhaseOutputs[P];
  }
}
