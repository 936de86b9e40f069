import { PhaseError } from '../errors/phase-error.js';
import { TuringPiError } from '../errors/turing-pi-error.js';
import type { PhaseStartReason } from '../event/event.js';
import type { EventBus } from '../event/event-bus.js';
import type { Logger } from '../logging/logger.js';
import type { Redactor } from '../logging/redactor.js';
import { nodeName } from '../node/node-id.js';
import type { Node } from '../node/node.js';
import type { PhaseRecord } from '../state/state-document.js';
import type { StateStore } from '../state/state-store.js';
import { describeFailure } from './describe-failure.js';
import { currentOwner, isRunBySomebodyElse } from './phase-owner.js';
import type { PhaseName, PhaseOutputs } from './phase.js';
import { recordOutput } from './record-output.js';

/** What recording needs of the cluster. */
export interface PhaseRecorderServices {
  readonly state: StateStore;
  readonly events: EventBus;
  readonly redactor: Redactor;
  readonly now: () => Date;
  /** Tells the cluster objects of one process apart. */
  readonly instance: string;
}

/** Keeps the record of one phase of one node during one run, and tells what happens to it. */
export class PhaseRecorder {
  readonly #startedAt: Date;
  #started = false;

  constructor(
    readonly phase: PhaseName,
    readonly node: Node,
    readonly signal: AbortSignal,
    readonly logger: Logger,
    private readonly services: PhaseRecorderServices,
  ) {
    this.#startedAt = services.now();
  }

  /** Whether this run marked the phase as running. */
  get started(): boolean {
    return this.#started;
  }

  now(): string {
    return this.services.now().toISOString();
  }

  async read(): Promise<PhaseRecord | undefined> {
    return (await this.services.state.read())[nodeName(this.node.id)]?.[this.phase];
  }

  /**
   * Marks the phase as running, signed by this process, and tells that it started.
   *
   * @throws PhaseError `PHASE_ALREADY_RUNNING` when somebody else was faster.
   */
  async start(reason: PhaseStartReason, hash: string, journal?: PhaseRecord['journal']): Promise<void> {
    const running = await this.#running(hash, journal);
    await this.services.state.writePhase(nodeName(this.node.id), this.phase, async (current) => {
      await this.assertNotRunning(current); // under the store's lock: of two who come at once, one gets it
      return running;
    });
    this.#started = true;
    this.emit({ type: 'phase:started', phase: this.phase, reason });
  }

  /** Records how far a running phase is. */
  async recordJournal(hash: string, journal: PhaseRecord['journal']): Promise<void> {
    await this.services.state.writePhase(
      nodeName(this.node.id),
      this.phase,
      await this.#running(hash, journal),
    );
  }

  async complete(
    hash: string,
    output: PhaseOutputs[PhaseName],
    journal?: PhaseRecord['journal'],
  ): Promise<void> {
    await this.services.state.writePhase(nodeName(this.node.id), this.phase, {
      status: 'completed',
      timestamp: this.now(),
      input_hash: hash,
      ...(journal === undefined ? {} : { journal }),
      ...recordOutput(output),
    });
    this.emit({ type: 'phase:completed', phase: this.phase, durationMs: this.#elapsed() });
  }

  skip(): void {
    this.emit({ type: 'phase:skipped', phase: this.phase });
  }

  /**
   * Records that the phase failed, and tells it. A phase that never started keeps a record that still holds: an
   * interrupted look at an installed node must not make it be flashed again.
   *
   * @returns The error to throw: the original one when it says something by itself, else wrapped.
   */
  async fail(error: unknown): Promise<unknown> {
    const failure = describeFailure(error, this.signal, this.services.redactor);
    try {
      await this.services.state.writePhase(nodeName(this.node.id), this.phase, async (current) =>
        !this.#started && (this.signal.aborted || (await this.#stands(current)))
          ? undefined
          : {
              ...(current?.input_hash === undefined ? {} : { input_hash: current.input_hash }),
              ...(current?.journal === undefined ? {} : { journal: current.journal }),
              status: 'failed',
              timestamp: this.now(),
              error: { ...failure },
            },
      );
    } catch (cause) {
      this.logger.error({ err: cause, phase: this.phase }, 'the failure could not be recorded');
    }
    this.emit({ type: 'phase:failed', phase: this.phase, durationMs: this.#elapsed(), ...failure });
    if (this.signal.aborted || TuringPiError.is(error)) return error;
    return new PhaseError(
      'PHASE_FAILED',
      `${this.phase} of ${this.node.hostname} failed: ${failure.message}`,
      {
        cause: error,
        hint: 'The log has the whole chain of errors. Running again goes on from here.',
        details: { phase: this.phase, node: this.node.id },
      },
    );
  }

  /** @throws PhaseError `PHASE_ALREADY_RUNNING` when the record's owner lives. */
  async assertNotRunning(record: PhaseRecord | undefined): Promise<void> {
    if (record?.owner === undefined || !(await this.#isRunElsewhere(record))) return;
    const { pid, host } = record.owner;
    throw new PhaseError(
      'PHASE_ALREADY_RUNNING',
      `${this.phase} of ${this.node.hostname} is being run by process ${pid} on ${host}`,
      {
        hint:
          'Wait for it to end, or stop it, and run again. ' +
          `If ${host} is no more, remove ${this.services.state.location}: that costs time, nothing else.`,
      },
    );
  }

  /** Why the phase runs although there may be a record of it. */
  reasonToRun(record: PhaseRecord | undefined, hash: string): PhaseStartReason {
    if (record === undefined || record.status === 'pending') return 'first run';
    if (record.status === 'running') return 'previous run crashed';
    if (record.input_hash !== hash) return 'inputs changed';
    return record.status === 'failed' ? 'previous run failed' : 'output missing or changed';
  }

  emit(event: Parameters<EventBus['emit']>[1]): void {
    this.services.events.emit(this.node, event);
  }

  #elapsed(): number {
    return this.services.now().getTime() - this.#startedAt.getTime();
  }

  async #running(hash: string, journal: PhaseRecord['journal']): Promise<PhaseRecord> {
    return {
      ...(journal === undefined ? {} : { journal }),
      status: 'running',
      timestamp: this.#startedAt.toISOString(),
      input_hash: hash,
      owner: await currentOwner(this.#startedAt, this.services.instance),
    };
  }

  async #stands(record: PhaseRecord | undefined): Promise<boolean> {
    return record?.status === 'completed' || (record !== undefined && (await this.#isRunElsewhere(record)));
  }

  async #isRunElsewhere({ status, owner }: PhaseRecord): Promise<boolean> {
    if (status !== 'running' || owner === undefined) return false;
    return isRunBySomebodyElse(owner, this.services.instance, this.services.now());
  }
}
