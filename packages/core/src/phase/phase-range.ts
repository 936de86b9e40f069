import { nodeName, TuringPiError } from '@turingpi/foundation';
import { PhaseError } from '../errors/phase-error.js';
import type { Node } from '../node/node.js';
import type { NodeState } from '../state/state-document.js';
import { standingInstallation } from '../state/standing-installation.js';
import { PHASES, type PhaseName, type PhaseOutputs } from './phase.js';

/** The phases as people name them. */
export type PhaseStage = 'image' | 'install' | 'post';

const STAGES: Readonly<Record<PhaseStage, PhaseName>> = {
  image: 'image_customization',
  install: 'os_installation',
  post: 'post_installation',
};

/** Which phases a run is to go through. */
export interface PhaseLimits {
  /** Phases before this one are taken as they are on record, and not looked at. Default: `image`. */
  readonly from?: PhaseStage;
  /** Phases after this one are not run. Default: `post`. */
  readonly until?: PhaseStage;
}

/** The phases that a run goes through, from one to another. */
export class PhaseRange {
  readonly #first: number;
  readonly #last: number;

  /** @throws PhaseError `PHASE_RANGE_EMPTY` when the first one comes after the last one. */
  constructor({ from = 'image', until = 'post' }: PhaseLimits = {}) {
    this.#first = PHASES.indexOf(STAGES[from]);
    this.#last = PHASES.indexOf(STAGES[until]);
    if (this.#first > this.#last)
      throw new PhaseError('PHASE_RANGE_EMPTY', `there is no phase from ${from} until ${until}`, {
        hint: 'The order is image, install, post.',
      });
  }

  includes(phase: PhaseName): boolean {
    const place = PHASES.indexOf(phase);
    return place >= this.#first && place <= this.#last;
  }

  /**
   * What a phase before the first one has handed on, as it is on record.
   *
   * @param step - one with `rerun` is no look at that phase: a later one has it run again for itself
   * @returns Undefined for a phase that is to be run.
   * @throws PhaseError `PHASE_INPUT_MISSING` when there is nothing on record; {@link RangeEnd} for a phase after the last.
   */
  recorded<P extends PhaseName>(
    { id: phase, rerun = false }: { readonly id: P; readonly rerun?: boolean },
    records: NodeState,
    node: Node,
  ): PhaseOutputs[P] | undefined {
    if (this.includes(phase)) return undefined;
    if (PHASES.indexOf(phase) > this.#last) throw new RangeEnd(phase, node);
    if (rerun) return undefined;
    const output = outputOf(phase, records);
    if (output !== undefined) return output as unknown as PhaseOutputs[P];
    throw new PhaseError(
      'PHASE_INPUT_MISSING',
      `${phase} of ${node.hostname} (${nodeName(node.id)}) is not on record as completed`,
      { hint: 'Run that phase first: leave out --from, or name an earlier phase.' },
    );
  }
}

function outputOf(phase: PhaseName, records: NodeState): object | undefined {
  if (phase === 'os_installation') return standingInstallation(records.os_installation)?.output;
  const record = records[phase];
  if (record?.status === 'completed') return record.output;
  // What became an installation is kept in its record.
  return phase === 'image_customization' ? records.os_installation?.image?.output : undefined;
}

/** Ends the workflow of a node whose run does not go further; it is not a failure. */
export class RangeEnd extends PhaseError {
  constructor(phase: PhaseName, { hostname }: Pick<Node, 'hostname'>) {
    super('PHASE_NOT_WANTED', `${phase} of ${hostname} is not run: the run ends before it`, {
      hint: 'A workflow that catches errors lets this one pass.',
    });
  }
}

/** Whether a workflow has come to where its run ends. */
export function isRangeEnd(error: unknown): boolean {
  return TuringPiError.is(error) && error.code === 'PHASE_NOT_WANTED';
}
