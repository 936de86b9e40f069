import { PhaseError } from '../errors/phase-error.js';
import { isBlocked } from '../errors/is-blocked.js';
import { TuringPiError } from '../errors/turing-pi-error.js';
import type { PhaseStartReason } from '../event/event.js';
import type { EventBus } from '../event/event-bus.js';
import type { Logger } from '../logging/logger.js';
import type { Redactor } from '../logging/redactor.js';
import { nodeName } from '../node/node-id.js';
import type { Node } from '../node/node.js';
import type { NodeState, PhaseRecord } from '../state/state-document.js';
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

  /** Everything on record of the node. */
  async readNode(): Promise<NodeState> {
    return (await this.services.state.read())[nodeName(this.node.id)] ?? {};
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
   * Marks the phase as running, signed by this process, and tells that it started. A finished installation stays on
   * record beneath it until its disk is erased.
   *
   * @throws PhaseError `PHASE_ALREADY_RUNNING` when somebody else was faster.
   */
  async start(reason: PhaseStartReason, facts: PhaseFacts, journal?: PhaseRecord['journal']): Promise<void> {
    const running = await this.#running(facts, journal);
    await this.services.state.writePhase(nodeName(this.node.id), this.phase, async (current) => {
      await this.assertNotRunning(current); // under the store's lock: of two who come at once, one gets it
      return { ...running, ...(this.phase === 'os_installation' ? beneath(current) : {}) };
    });
    this.#started = true;
    this.emit({ type: 'phase:started', phase: this.phase, reason });
  }

  /** Records how far a running phase is. */
  async recordJournal(hash: string, journal: PhaseRecord['journal']): Promise<void> {
    await this.services.state.writePhase(
      nodeName(this.node.id),
      this.phase,
      await this.#running({ input_hash: hash }, journal),
    );
  }

  async complete(
    facts: PhaseFacts,
    output: PhaseOutputs[PhaseName],
    journal?: PhaseRecord['journal'],
  ): Promise<void> {
    await this.services.state.writePhase(nodeName(this.node.id), this.phase, {
      ...facts,
      status: 'completed',
      timestamp: this.now(),
      ...(journal === undefined ? {} : { journal }),
      ...recordOutput(output),
    });
    this.emit({ type: 'phase:completed', phase: this.phase, durationMs: this.#elapsed() });
  }

  /** @param note - what is to be said of it besides */
  skip(note?: string): void {
    this.emit({ type: 'phase:skipped', phase: this.phase, ...(note === undefined ? {} : { note }) });
  }

  /** Changes the record of a phase that stands, without running it. */
  async amend(change: Partial<PhaseRecord>): Promise<void> {
    await this.services.state.writePhase(nodeName(this.node.id), this.phase, (current) =>
      Promise.resolve(current === undefined ? undefined : { ...current, ...change }),
    );
  }

  /**
   * Records that the phase failed, and tells it. A phase that never started keeps a record that still holds: an
   * interrupted look at an installed node must not make it be flashed again.
   *
   * @returns The error to throw: the original one when it says something by itself, else wrapped.
   */
  async fail(error: unknown): Promise<unknown> {
    const failure = describeFailure(error, this.signal, this.services.redactor);
    if (isBlocked(error) && !this.#started) {
      this.emit({ type: 'phase:blocked', phase: this.phase, ...failure });
      return error;
    }
    try {
      await this.services.state.writePhase(nodeName(this.node.id), this.phase, async (current) =>
        !this.#started && (this.signal.aborted || !(await this.#isToBeMarked(current)))
          ? undefined
          : afterFailure(current, { ...failure }, this.now()),
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
          `If ${host} is no more, its claim ends by itself within a minute.`,
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

  async #running(facts: PhaseFacts, journal: PhaseRecord['journal']): Promise<PhaseRecord> {
    return {
      ...(journal === undefined ? {} : { journal }),
      ...facts,
      status: 'running',
      timestamp: this.#startedAt.toISOString(),
      owner: await currentOwner(this.#startedAt, this.services.instance),
    };
  }

  /** A failure before anything was begun changes no record that says what is there. */
  async #isToBeMarked(record: PhaseRecord | undefined): Promise<boolean> {
    if (record === undefined || record.status === 'pending') return record?.erased !== true;
    return record.status !== 'completed' && !(await this.#isRunElsewhere(record));
  }

  async #isRunElsewhere({ status, owner }: PhaseRecord): Promise<boolean> {
    if (status !== 'running' || owner === undefined) return false;
    return isRunBySomebodyElse(owner, this.services.instance, this.services.now());
  }
}

/** What decided a phase's result, as its record keeps it. */
export type PhaseFacts = Pick<PhaseRecord, 'input_hash' | 'inputs' | 'recipe' | 'image' | 'generation'>;

/** What a running installation keeps of the record before it. */
function beneath(current: PhaseRecord | undefined): Partial<PhaseRecord> {
  if (current === undefined) return {};
  const { erased, voided, generation, previous } = current;
  const { owner: _owner, journal: _journal, ...finished } = current;
  const stands = current.status === 'completed' ? (finished as PhaseRecord['previous']) : previous;
  return defined({ erased, voided, generation, previous: stands });
}

/** The record of a phase that failed. An installation whose disk was not touched leaves the finished one standing. */
function afterFailure(
  current: PhaseRecord | undefined,
  error: NonNullable<PhaseRecord['error']>,
  timestamp: string,
): PhaseRecord {
  const { input_hash, inputs, journal, erased, voided, generation, previous } = current ?? {};
  if (previous !== undefined && erased !== true) return { ...(previous as unknown as PhaseRecord), error };
  return {
    ...defined({ input_hash, inputs, journal, erased, voided, generation }),
    status: 'failed',
    timestamp,
    error,
  };
}

function defined<T extends object>(value: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}
