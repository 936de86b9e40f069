import type { NodeName } from '@turingpi/foundation';
import type { PhaseName } from '../phase/phase.js';
import type { DistantHolder, DistantLease } from './distant-holder.js';
import type { JournalEntry } from './journal-entry.js';
import type { Lease, LeaseHolder, LeaseWatch, PhaseLease } from './lease.js';
import type { LeasePlace } from './lease-entry.js';
import type { SharedPapers } from './shared-papers.js';
import type { SharedText } from './shared-text.js';
import type { BoardRecord, ClusterState, NodeState, PhaseRecord } from './state-document.js';

/**
 * Makes the next record of what is on file. It must not have effects: a store may call it again, when somebody else was
 * faster. What it throws passes through, and nothing is written.
 */
export type RecordChange = (current: PhaseRecord | undefined) => PhaseRecord;

/**
 * Makes the next records of a node: phases that it leaves out stay as they are, and so do all for undefined. Without effects,
 * as {@link RecordChange}.
 */
export type NodeChange = (current: NodeState | undefined) => NodeState | undefined;

/** How a lease is asked for. */
export interface AcquireOptions extends LeaseWatch {
  /** A holder without a sign of life for so long has lost it, in milliseconds. Default: the store's. */
  readonly ttlMs?: number;
  /** For whom a server takes it; default: this process, which keeps it alive. */
  readonly distant?: DistantHolder;
  /** Wait until it is free, rather than to be refused while a living one has it. */
  readonly wait?: boolean;
}

/** How a phase is claimed. */
export interface PhaseClaim extends LeaseWatch {
  /** The record while it runs. Status, hash, owner and fence are set by the store. */
  readonly record: RecordChange;
  /** The fence of the record on which it was decided to run: where a later one is on file now, the claim is refused. */
  readonly seen: number | undefined;
  /**
   * A phase that keeps a journal says how many of its entries still hold; the rest is dropped, and all of it where they
   * were made for another hash.
   */
  readonly keepJournal?: number;
  readonly ttlMs?: number;
  /** What the run was asked for, for example `up`: told to others who want the same. A store may leave it out. */
  readonly command?: string | undefined;
  /** For whom a server claims it; default: this process, which keeps it alive. */
  readonly distant?: DistantHolder;
}

/** A record was changed, by whomever. */
export interface RecordedChange {
  readonly node: NodeName;
  readonly phase: PhaseName;
  readonly record: PhaseRecord;
}

/**
 * Where the state of all nodes is kept, and who works on what. Only the store knows its format; several processes may have
 * it open.
 *
 * @remarks Its contract is the suite `stateStoreCases` of `@turingpi/conformance`.
 */
export interface StateStore extends AsyncDisposable {
  /** Where it is, for messages. */
  readonly location: string;
  /**
   * The secrets of the nodes: kept so that nobody can read them but who may open the state. Left out by a store that has no
   * place for them: they are in a file beside the state file of the configuration then, and another computer has none.
   */
  readonly secrets?: SharedText;
  /**
   * What is kept besides the records: the ledger of erasures, and, where other computers see it, what a run tells and the
   * transfer that is on a board. Left out by a store that has no place for them: each computer knows its own alone then.
   */
  readonly papers?: SharedPapers;
  /** Everything on record. @throws StateError `STATE_UNREADABLE` when it is there but damaged; it is left as it is. */
  load(): Promise<ClusterState>;
  /**
   * Who runs a phase; undefined when nobody does, or a process that is gone. One that cannot be asked counts as living,
   * unless it is watched in vain.
   *
   * @throws The signal's reason.
   */
  holder(node: NodeName, phase: PhaseName, watch?: LeaseWatch): Promise<LeaseHolder | undefined>;
  /**
   * Takes something that one process at a time may have, as a slot of a board.
   *
   * @throws StateError `STATE_LEASE_HELD` when somebody has it; the signal's reason.
   */
  acquire(resource: string, options: AcquireOptions): Promise<Lease>;
  /**
   * Marks a phase as running, by the holder of the lease that is returned. Of several who claim it, one gets it. An owner
   * that is dead on this host is replaced at once, one on another host when it has given no sign of life for its time.
   *
   * @param hash - what decides the result of the phase
   * @throws StateError `STATE_LEASE_HELD` when a living one runs it, or somebody has run it since it was looked at.
   */
  claim(node: NodeName, phase: PhaseName, hash: string, claim: PhaseClaim): Promise<PhaseLease>;
  /**
   * What a distant holder has, for the server that asks for it, also one that was started anew: a {@link DistantPhaseLease}
   * where it is a phase. Left out by a store that no server can put before other computers.
   *
   * @returns Undefined when somebody else has it, or nobody. Its time may be over, where nobody has taken it.
   */
  heldBy?(id: string, place: LeasePlace): Promise<DistantLease | undefined>;
  /** What was done in a phase, in order, as far as it was done for the hash that is on record. */
  journal(node: NodeName, phase: PhaseName): Promise<readonly JournalEntry[]>;
  /** Adds to the journal of a phase; it is safe when this returns. @throws StateError `STATE_LEASE_LOST`. */
  append(lease: PhaseLease, entry: JournalEntry): Promise<void>;
  /**
   * Replaces the record of a phase by its last one, and ends the lease; where it cannot be written, the lease is held still.
   *
   * @throws StateError `STATE_LEASE_LOST`.
   */
  finish(lease: PhaseLease, record: RecordChange): Promise<void>;
  /**
   * Lets the records of a node know something that needs no phase to be run. Who runs a phase that is said to be done has
   * lost its lease.
   */
  amend(node: NodeName, change: NodeChange): Promise<void>;
  /**
   * Says which board the records are about.
   *
   * @param unlessBound - one that is on record meanwhile stays; a store may leave this out
   */
  bind(board: BoardRecord, unlessBound?: boolean): Promise<void>;
  /** Drops what is known of a node, or of one of its phases. Who runs it has lost its lease. */
  forget(node: NodeName, phase?: PhaseName): Promise<void>;
  /**
   * Tells what changes after the next answer of this store, also when another process changes it. What a listener throws
   * changes nothing.
   *
   * @returns Ends the subscription when called.
   */
  subscribe(listener: (change: RecordedChange) => void): () => void;
  /**
   * Moves damaged content away, so that new records can be made; left out where content is never damaged.
   *
   * @returns Where it is now; undefined when it is not damaged.
   */
  setAside?(): Promise<string | undefined>;
}
