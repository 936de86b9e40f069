import type { Logger, NodeName } from '@turingpi/foundation';

import type { PhaseRecord } from '../state/state-document.js';
import type { StateStore } from '../state/state-store.js';
import type { PhaseName } from './phase.js';

/** The claim that a heartbeat keeps alive. */
export interface Claim {
  readonly node: NodeName;
  readonly phase: PhaseName;
  /** As in the owner that signed it. */
  readonly instance: string;
  readonly startedAt: string;
}

/** What a heartbeat works with. */
export interface HeartbeatOptions {
  readonly state: StateStore;
  readonly logger: Logger;
  readonly now: () => Date;
  /** Between two signs of life, in milliseconds. */
  readonly beatMs: number;
  /** Told when the claim turns out to be somebody else's, once. */
  readonly onLost: (owner: PhaseRecord['owner']) => void;
}

/**
 * Signs a running phase again and again, so that other hosts see that its owner lives. What counts is that the sign
 * changes: nobody compares its time with a clock.
 */
export class Heartbeat {
  readonly #timer: NodeJS.Timeout;
  #beating: Promise<void> = Promise.resolve();
  #stopped = false;

  constructor(
    private readonly claim: Claim,
    private readonly options: HeartbeatOptions,
  ) {
    this.#timer = setInterval(() => {
      this.#beating = this.#beating.then(() => this.#beat());
    }, options.beatMs);
    this.#timer.unref();
  }

  /** Ends it; nothing is written any more when this returns. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearInterval(this.#timer);
    await this.#beating;
  }

  async #beat(): Promise<void> {
    if (this.#stopped) return;
    const { state, logger, now, onLost } = this.options;
    try {
      await state.writePhase(this.claim.node, this.claim.phase, (current) => {
        if (this.#stopped || current === undefined) return Promise.resolve(undefined);
        if (current.owner !== undefined && isClaimOf(current, this.claim))
          return Promise.resolve({ ...current, owner: { ...current.owner, heartbeat: now().toISOString() } });
        if (isClaimOfAnother(current, this.claim)) {
          this.#stopped = true;
          onLost(current.owner);
        }
        return Promise.resolve(undefined);
      });
    } catch (error) {
      // A disk that is full now may have room at the next one; an owner is given up only after several.
      logger.warn({ err: error }, 'the sign of life could not be written');
    }
  }
}

/** Whether a record is still the one that was signed. */
export function isClaimOf({ status, owner }: PhaseRecord, { instance, startedAt }: Claim): boolean {
  return status === 'running' && owner?.instance === instance && owner.started_at === startedAt;
}

/** Whether somebody else runs, or ran, what was signed; a record that was removed is nobody's. */
export function isClaimOfAnother(record: PhaseRecord, claim: Claim): boolean {
  return record.status !== 'pending' && !isClaimOf(record, claim);
}
