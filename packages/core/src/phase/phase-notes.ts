import { type Logger, type NodeName, TuringPiError } from '@turingpi/foundation';
import { standingInstallation } from '../state/standing-installation.js';
import type { PhaseRecord } from '../state/state-document.js';
import type { StateStore } from '../state/state-store.js';
import { ofOnePhase } from './of-one-phase.js';
import type { PhaseName, PhaseOutputs } from './phase.js';
import { recordOutput } from './record-output.js';
import { withOutput } from './with-output.js';

/**
 * Notes in the record of a phase what was learnt without running it. It decides nothing: that it cannot be written, as on
 * a disk that may only be read, is logged and no failure. Where another installation stands meanwhile than the one that was
 * seen, nothing is noted.
 */
export class PhaseNotes {
  constructor(
    private readonly node: NodeName,
    private readonly phase: PhaseName,
    private readonly state: StateStore,
    private readonly logger: Logger,
  ) {}

  /** @param seen - the record of which it was learnt */
  amend(change: Partial<PhaseRecord>, seen: PhaseRecord | undefined): Promise<void> {
    return this.#note(seen, (current) => ({ ...current, ...change }));
  }

  /** Lets the record that stands know a refreshed output; one that says the same is left alone. */
  amendOutput(output: PhaseOutputs[PhaseName], seen: PhaseRecord | undefined): Promise<void> {
    const { output: plain = {} } = recordOutput(output);
    return this.#note(seen, (current) => withOutput(current, plain));
  }

  async #note(
    seen: PhaseRecord | undefined,
    change: (current: PhaseRecord) => PhaseRecord | undefined,
  ): Promise<void> {
    const note = (current: PhaseRecord | undefined) =>
      current !== undefined && isSameInstallation(current, seen) ? change(current) : undefined;
    if (note((await this.state.load())[this.node]?.[this.phase]) === undefined) return;
    try {
      await this.state.amend(this.node, ofOnePhase(this.phase, note));
    } catch (error) {
      if (!TuringPiError.is(error) || error.code !== 'STATE_WRITE_FAILED') throw error;
      this.logger.warn({ err: error }, 'what was seen of a finished phase could not be noted');
    }
  }
}

/** Whether the same installation stands; of any other phase, whether it is finished as before. */
function isSameInstallation(current: PhaseRecord, seen: PhaseRecord | undefined): boolean {
  const [now, then] = [standingInstallation(current), standingInstallation(seen)];
  return now !== undefined && then !== undefined && now.installation_id === then.installation_id;
}
