import type { SharedText } from './shared-text.js';

/** Lines that all who have a state open share, and that are only added to, as the ledger of erasures. */
export interface SharedLog {
  /** Where it is, for messages. */
  readonly location: string;
  /**
   * Adds lines behind those that are there, none of them empty or with a line break in it; they are safe when this returns.
   * No line at all is a sign of life: the log counts as added to.
   *
   * @param at - the place of the first of them, counted from 0, for who alone adds to this log and may add the same ones
   * again: what is there already stays. Default: the end.
   */
  append(lines: readonly string[], at?: number): Promise<void>;
  /** The lines, in order. @param from - the place of the first that is wanted; default 0 */
  read(from?: number): Promise<readonly string[]>;
}

/** A log that somebody has added to. */
export interface KeptLog {
  readonly name: string;
  /** How long ago that was, in milliseconds, by the clock of whoever keeps it. */
  readonly idleMs: number;
}

/** What a store keeps by name besides the records: for what several processes, or computers, must know of each other. */
export interface SharedPapers {
  /** Who sees them. What others than this computer see, it puts here as well where it has it in files of its own. */
  readonly reach: 'computer' | 'network';
  /** A text of everybody who uses the store, whatever records: as a lease is of a slot, this is about a board. */
  text(name: string): SharedText;
  /** A log that belongs to the records. */
  log(name: string): SharedLog;
  /** The logs of the records, in no order. @param prefix - how their names begin */
  logs(prefix: string): Promise<readonly KeptLog[]>;
  /** Removes a log; one that is not there is as good. */
  removeLog(name: string): Promise<void>;
}
