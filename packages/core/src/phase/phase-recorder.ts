import { setMaxListeners } from 'node:events';
import { TuringPiError, type Logger, type NodeName, nodeName } from '@turingpi/foundation';
import { isBlocked } from '../errors/is-blocked.js';
import type { EventBus } from '../event/event-bus.js';
import type { Node } from '../node/node.js';
import type { JournalEntry } from '../state/journal-entry.js';
import type { LeaseHolder, PhaseLease } from '../state/lease.js';
import { describeHolder, MEANWHILE } from '../state/lease-errors.js';
import type { NodeState, PhaseRecord } from '../state/state-document.js';
import { claimedRecord, type PhaseFacts } from './claimed-record.js';
import { completedRecord } from './completed-record.js';
import { describeFailure, type Failure } from './describe-failure.js';
import { type FailureFacts, failureFacts } from './failure-facts.js';
import { markEarlyFailure, markFailed } from './mark-failed.js';
import { phaseFailed } from './phase-failed.js';
import { alreadyRunning, asPhase, ofPhase, unlessChanged } from './phase-held.js';
import { PhaseNotes } from './phase-notes.js';
import type { InstalledNode, PhaseName, PhaseOutputs } from './phase.js';
import type { PhaseRecorderServices } from './phase-recorder-services.js';
import type { PhaseStart } from './phase-start.js';
import { startedEvent } from './started-event.js';
import { isUnwritten, unrecorded, writtenAtLast } from './unrecorded.js';
import { withWritten } from './with-written.js';

/** Keeps the record of one phase of one node during one run, and tells what happens to it. */
export class PhaseRecorder {
  /** Fires when the run is stopped, and when somebody else took the phase over. */
  readonly signal: AbortSignal;
  readonly #startedAt: Date;
  readonly #name: NodeName;
  readonly #lost = new AbortController();
  #lease: PhaseLease | undefined;
  #waitedMs = 0;
  /** Its work is done, which could not be recorded. */
  #isUnrecorded = false;

  constructor(
    readonly phase: PhaseName,
    readonly node: Node,
    signal: AbortSignal,
    readonly logger: Logger,
    private readonly services: PhaseRecorderServices,
  ) {
    this.#startedAt = services.now();
    this.#name = nodeName(node.id);
    this.signal = AbortSignal.any([signal, this.#lost.signal]);
    setMaxListeners(0, this.signal); // as many waits of a phase listen to it as there are
  }

  /** Everything on record of the node. */
  async readNode(): Promise<NodeState> {
    return (await this.services.state.load())[this.#name] ?? {};
  }

  /** Whether this run marked the phase as running. */
  get started(): boolean {
    return this.#lease !== undefined;
  }

  now(): string {
    return this.services.now().toISOString();
  }

  async read(): Promise<PhaseRecord | undefined> {
    return (await this.readNode())[this.phase];
  }

  /** What was done in the phase by earlier runs, in order. */
  readJournal(): Promise<readonly JournalEntry[]> {
    return this.services.state.journal(this.#name, this.phase);
  }

  /**
   * Waits, where its owner is on another host, until it shows that it lives or has had the time to.
   *
   * @throws PhaseError `PHASE_ALREADY_RUNNING` when the record's owner lives; the signal's reason.
   */
  async assertNotRunning(): Promise<void> {
    const holder = await this.services.state.holder(this.#name, this.phase, this.#watch);
    if (holder !== undefined) throw alreadyRunning(this.phase, this.node, holder);
  }

  /**
   * Marks the phase as running by this process, and tells that it started.
   *
   * @throws PhaseError `PHASE_ALREADY_RUNNING` when somebody else was faster, or has finished what was seen running;
   * PlanError `PLAN_OUTDATED` for a phase that was not approved.
   */
  async start(start: PhaseStart): Promise<void> {
    const { facts, seen, keepJournal } = start;
    this.services.assertPlanned?.(this.phase, facts.input_hash);
    await this.services.guard.check(this.signal); // a run that asks nobody has not asked before there is something to do
    const claimed = claimedRecord(this.phase, facts, this.#startedAt.toISOString());
    const lease = await asPhase(
      this.services.state.claim(this.#name, this.phase, facts.input_hash, {
        ...this.#watch,
        record: unlessChanged(seen, claimed, this.phase, this.node),
        seen: seen?.fence,
        command: this.services.command,
        ...(keepJournal === undefined ? {} : { keepJournal }),
      }),
      this.phase,
      this.node,
    );
    this.#lease = lease;
    const onLost = () => this.#lost.abort(ofPhase(lease.signal.reason, this.phase, this.node));
    if (lease.signal.aborted) onLost();
    else lease.signal.addEventListener('abort', onLost, { once: true });
    this.emit(startedEvent(this.phase, start, this.services.redactor));
  }

  /** Whether the records say that it is this run's still; what cannot be read is nobody's. */
  async isOurs(): Promise<boolean> {
    const lease = this.#lease;
    if (lease === undefined || lease.signal.aborted) return false;
    const record = await this.read().catch(() => undefined);
    return record?.status === 'running' && record.fence === lease.fence;
  }

  /** @throws PhaseError `PHASE_ALREADY_RUNNING` when somebody else has taken it over. */
  async assertOurs(): Promise<void> {
    this.signal.throwIfAborted();
    if (!(await this.isOurs())) throw alreadyRunning(this.phase, this.node, MEANWHILE);
  }

  /** Some of its time was a wait for others: the record tells how long its work took. */
  hasWaited(milliseconds: number): void {
    this.#waitedMs += milliseconds;
  }

  /**
   * Notes what this run, which runs the installation, has put onto the disk; undefined: that it is not to be relied on. What
   * cannot be noted is no failure: the next run writes it again.
   */
  async hasWritten(output: InstalledNode | undefined, facts: PhaseFacts): Promise<void> {
    const lease = this.#lease;
    if (lease === undefined) throw new TypeError(`${this.phase} was not started`);
    const note = withWritten(this.phase, lease.fence, output, facts);
    await this.services.state.amend(this.#name, note).catch((error: unknown) => {
      this.logger.warn({ err: error }, 'what is on the disk could not be noted');
    });
  }

  /** Records an action of a phase that was started. */
  async append(entry: JournalEntry): Promise<void> {
    if (this.#lease === undefined) throw new TypeError(`${this.phase} was not started`);
    await asPhase(this.services.state.append(this.#lease, entry), this.phase, this.node);
  }

  /**
   * Records that the phase, which was started, is done, and tells it.
   *
   * @throws StateError when it cannot be recorded: {@link fail} then leaves the record as it is, for nothing failed.
   */
  async complete(facts: PhaseFacts, output: PhaseOutputs[PhaseName]): Promise<void> {
    const lease = this.#lease;
    if (lease === undefined) throw new TypeError(`${this.phase} was not started`);
    const durationMs = this.#elapsed();
    const work = { at: this.now(), durationMs: durationMs - this.#waitedMs };
    const completed = completedRecord(facts, output, work);
    try {
      const finish = () => this.services.state.finish(lease, () => completed);
      await asPhase(writtenAtLast(finish, this.signal), this.phase, this.node);
    } catch (error) {
      if (!isUnwritten(error)) throw error;
      this.#isUnrecorded = true;
      throw unrecorded(error, this.phase, this.node);
    }
    this.emit({ type: 'phase:completed', phase: this.phase, durationMs });
  }

  /** @param note - what is to be said of it besides */
  skip(note?: string): void {
    this.emit({ type: 'phase:skipped', phase: this.phase, ...(note === undefined ? {} : { note }) });
  }

  /** To note what was learnt of the phase without running it. */
  get notes(): PhaseNotes {
    return new PhaseNotes(this.#name, this.phase, this.services.state, this.logger);
  }

  /**
   * Records that the phase failed, and tells it. A phase that never started keeps a record that still holds: an
   * interrupted look at an installed node must not make it be flashed again.
   *
   * @returns The error to throw: the original one when it says something by itself, else wrapped.
   */
  async fail(error: unknown): Promise<unknown> {
    const failure = describeFailure(error, this.signal, this.services.redactor);
    const facts = this.factsOf(error);
    if (isBlocked(error) && !this.started) {
      this.emit({ type: 'phase:blocked', phase: this.phase, ...facts });
      return error;
    }
    try {
      if (this.#lease === undefined) await this.#markEarly(failure);
      else if (!this.#isUnrecorded) await markFailed(this.services.state, this.#lease, failure, this.now());
    } catch (cause) {
      this.logger.error({ err: cause, phase: this.phase }, 'the failure could not be recorded');
    }
    await this.#giveBack();
    this.emit({ type: 'phase:failed', phase: this.phase, durationMs: this.#elapsed(), ...facts });
    if (this.signal.aborted || TuringPiError.is(error)) return error;
    return phaseFailed(this.phase, this.node, failure, error);
  }

  /** A text without secrets, for events. */
  redact(text: string): string {
    return this.services.redactor.redact(text);
  }

  /** What events tell of an error. */
  factsOf(error: unknown): FailureFacts {
    return failureFacts(error, this.signal, this.services.redactor);
  }

  emit(event: Parameters<EventBus['emit']>[1]): void {
    this.services.events.emit(this.node, event);
  }

  get #watch() {
    return {
      signal: this.signal,
      onWatch: (holder: LeaseHolder) => {
        const note = `${describeHolder(holder)} has begun it: does it still run?`;
        this.emit({ type: 'phase:progress', phase: this.phase, progress: { activity: 'wait', note } });
      },
    };
  }

  /** What was finished is given back already; what could not be recorded must not look like a run that goes on. */
  async #giveBack(): Promise<void> {
    try {
      await this.#lease?.[Symbol.asyncDispose]();
    } catch (error) {
      this.logger.warn({ err: error, phase: this.phase }, 'the phase could not be given back');
    }
  }

  async #markEarly(failure: Failure): Promise<void> {
    if (this.signal.aborted) return;
    const place = { node: this.#name, phase: this.phase };
    await markEarlyFailure(this.services.state, place, failure, this.now());
  }

  #elapsed(): number {
    return this.services.now().getTime() - this.#startedAt.getTime();
  }
}
