import { setMaxListeners } from 'node:events';
import { PhaseError } from '../errors/phase-error.js';
import { isBlocked } from '../errors/is-blocked.js';
import { TuringPiError, type Logger, nodeName } from '@turingpi/foundation';
import type { PhaseStartReason } from '../event/event.js';
import type { EventBus } from '../event/event-bus.js';

import type { Redactor } from '../logging/redactor.js';

import type { Node } from '../node/node.js';
import type { NodeState, PhaseRecord } from '../state/state-document.js';
import type { StateStore } from '../state/state-store.js';
import { type ClaimTimings, ClaimWatch, DEFAULT_CLAIM_TIMINGS } from './claim-watch.js';
import { withOutput } from './with-output.js';
import { describeFailure } from './describe-failure.js';
import { type Claim, Heartbeat, isClaimOfAnother } from './heartbeat.js';
import { currentOwner, lifeOf } from './phase-owner.js';
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
  /** Default: {@link DEFAULT_CLAIM_TIMINGS}. */
  readonly claims?: ClaimTimings | undefined;
}

/** Keeps the record of one phase of one node during one run, and tells what happens to it. */
export class PhaseRecorder {
  /** Fires when the run is stopped, and when somebody else took the phase over. */
  readonly signal: AbortSignal;
  readonly #startedAt: Date;
  readonly #timings: ClaimTimings;
  readonly #watch: ClaimWatch;
  readonly #lost = new AbortController();
  #heartbeat: Heartbeat | undefined;
  #started = false;

  constructor(
    readonly phase: PhaseName,
    readonly node: Node,
    signal: AbortSignal,
    readonly logger: Logger,
    private readonly services: PhaseRecorderServices,
  ) {
    this.#startedAt = services.now();
    this.#timings = services.claims ?? DEFAULT_CLAIM_TIMINGS;
    this.#watch = new ClaimWatch(() => this.read(), this.#timings);
    this.signal = AbortSignal.any([signal, this.#lost.signal]);
    setMaxListeners(0, this.signal); // as many waits of a phase listen to it as there are
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
      // Under the store's lock: of two who come at once, one gets it.
      if (current !== undefined && (await this.#isRunElsewhere(current))) throw this.#alreadyRunning(current);
      return { ...running, ...(this.phase === 'os_installation' ? beneath(current) : {}) };
    });
    this.#started = true;
    this.#heartbeat = new Heartbeat(this.#claim, {
      ...{ state: this.services.state, logger: this.logger, now: this.services.now },
      beatMs: this.#timings.beatMs,
      onLost: (owner) => this.#lost.abort(this.#takenOver(owner)),
    });
    this.emit({ type: 'phase:started', phase: this.phase, reason });
  }

  /** Records how far a running phase is. */
  async recordJournal(hash: string, journal: PhaseRecord['journal']): Promise<void> {
    const running = await this.#running({ input_hash: hash }, journal);
    await this.services.state.writePhase(nodeName(this.node.id), this.phase, (current) => {
      this.#assertOurs(current);
      return Promise.resolve(running);
    });
  }

  async complete(
    facts: PhaseFacts,
    output: PhaseOutputs[PhaseName],
    journal?: PhaseRecord['journal'],
  ): Promise<void> {
    await this.#heartbeat?.stop();
    const completed: PhaseRecord = {
      ...facts,
      status: 'completed',
      timestamp: this.now(),
      ...(journal === undefined ? {} : { journal }),
      ...recordOutput(output),
    };
    await this.services.state.writePhase(nodeName(this.node.id), this.phase, (current) => {
      this.#assertOurs(current);
      return Promise.resolve(completed);
    });
    this.emit({ type: 'phase:completed', phase: this.phase, durationMs: this.#elapsed() });
  }

  /** @param note - what is to be said of it besides */
  skip(note?: string): void {
    this.emit({ type: 'phase:skipped', phase: this.phase, ...(note === undefined ? {} : { note }) });
  }

  /** Notes something in the record of a phase that stands, without running it. See {@link amendOutput}. */
  async amend(change: Partial<PhaseRecord>): Promise<void> {
    await this.#note((current) => (current === undefined ? undefined : { ...current, ...change }));
  }

  /**
   * Lets the record that stands know a refreshed output; one that says the same is left alone. What is noted decides
   * nothing: that it cannot be written, as on a disk that may only be read, is logged and no failure.
   */
  async amendOutput(output: PhaseOutputs[PhaseName]): Promise<void> {
    const { output: plain = {} } = recordOutput(output);
    await this.#note((current) => withOutput(current, plain));
  }

  async #note(change: (current: PhaseRecord | undefined) => PhaseRecord | undefined): Promise<void> {
    if (change(await this.read()) === undefined) return;
    try {
      await this.services.state.writePhase(nodeName(this.node.id), this.phase, (current) =>
        Promise.resolve(change(current)),
      );
    } catch (error) {
      if (!TuringPiError.is(error) || error.code !== 'STATE_WRITE_FAILED') throw error;
      this.logger.warn({ err: error }, 'what was seen of a finished phase could not be noted');
    }
  }

  /**
   * Records that the phase failed, and tells it. A phase that never started keeps a record that still holds: an
   * interrupted look at an installed node must not make it be flashed again.
   *
   * @returns The error to throw: the original one when it says something by itself, else wrapped.
   */
  async fail(error: unknown): Promise<unknown> {
    await this.#heartbeat?.stop();
    const failure = describeFailure(error, this.signal, this.services.redactor);
    if (isBlocked(error) && !this.#started) {
      this.emit({ type: 'phase:blocked', phase: this.phase, ...failure });
      return error;
    }
    try {
      await this.services.state.writePhase(nodeName(this.node.id), this.phase, async (current) =>
        this.#isTakenOver(current) ||
        (!this.#started && (this.signal.aborted || !(await this.#isToBeMarked(current))))
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

  /**
   * Waits, where its owner is on another host, until it shows that it lives or has had the time to.
   *
   * @throws PhaseError `PHASE_ALREADY_RUNNING` when the record's owner lives; the signal's reason.
   */
  async assertNotRunning(record: PhaseRecord | undefined): Promise<void> {
    if (record === undefined || !(await this.#isRunElsewhere(record))) return;
    if (record.owner !== undefined && (await lifeOf(record.owner, this.services.instance)) === 'unknown') {
      const note = `process ${record.owner.pid} on ${record.owner.host} has begun it: does it still run?`;
      this.emit({ type: 'phase:progress', phase: this.phase, progress: { activity: 'wait', note } });
      if (!(await this.#watch.isAlive(record, this.signal))) return;
    }
    throw this.#alreadyRunning(record);
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
      owner: await currentOwner(this.#startedAt, this.services.instance, this.services.now()),
    };
  }

  /** A failure before anything was begun changes no record that says what is there. */
  async #isToBeMarked(record: PhaseRecord | undefined): Promise<boolean> {
    if (record === undefined || record.status === 'pending') return record?.erased !== true;
    return record.status !== 'completed' && !(await this.#isRunElsewhere(record));
  }

  /** As far as this machine can tell at once; an owner on another host counts until it was watched in vain. */
  async #isRunElsewhere(record: PhaseRecord): Promise<boolean> {
    if (record.status !== 'running' || record.owner === undefined || this.#watch.isStale(record))
      return false;
    const life = await lifeOf(record.owner, this.services.instance);
    return life === 'runs' || life === 'unknown';
  }

  get #claim(): Claim {
    return {
      node: nodeName(this.node.id),
      phase: this.phase,
      instance: this.services.instance,
      startedAt: this.#startedAt.toISOString(),
    };
  }

  /** Whether somebody else runs the phase that this run had started: we were taken for gone, as after a suspension. */
  #isTakenOver(current: PhaseRecord | undefined): boolean {
    return this.#started && current !== undefined && isClaimOfAnother(current, this.#claim);
  }

  #assertOurs(current: PhaseRecord | undefined): void {
    if (current !== undefined && this.#isTakenOver(current)) throw this.#takenOver(current.owner);
  }

  #alreadyRunning({ owner }: PhaseRecord): PhaseError {
    return new PhaseError(
      'PHASE_ALREADY_RUNNING',
      `${this.phase} of ${this.node.hostname} is being run by ${describeOwner(owner)}`,
      {
        hint: `Wait for it to end, or stop it, and run again. Where it runs no more, its claim ends by itself within a minute.`,
      },
    );
  }

  #takenOver(owner: PhaseRecord['owner']): PhaseError {
    return new PhaseError(
      'PHASE_ALREADY_RUNNING',
      `${this.phase} of ${this.node.hostname} was taken over by ${describeOwner(owner)}`,
      {
        hint: 'This process gave no sign of life for too long, as when its machine was suspended. Look at the other run.',
      },
    );
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

function describeOwner(owner: PhaseRecord['owner']): string {
  return owner === undefined ? 'somebody else' : `process ${owner.pid} on ${owner.host}`;
}
