import type { SshSession } from '@turingpi/runtime';
import type { NetworkConfig } from '../image/network-config.js';

/** How a node is to take another network. */
export interface NetworkBegin {
  readonly signal: AbortSignal;
  /** Milliseconds after which it goes back, unless it was told to keep the network. */
  readonly revertAfterMs: number;
  /** It is taken also where its files are there already: the node is known to be at another address. */
  readonly always: boolean;
}

/** A file that a network is written in, and that is not on a node as it would be written there. */
export interface NetworkDifference {
  readonly path: string;
  /** Lines of a unified diff, from the file on the node; undefined where it is not for everybody to see. */
  readonly diff: string | undefined;
}

/**
 * What an operating system knows of changing the network of a node that runs: contributed with {@link SettingsInPlace}.
 *
 * @remarks A node that takes another network may be out of reach from then on. So it goes back by itself: after a time,
 * and after a restart, unless it was told over a connection to its new address to keep the network. Of going back and
 * keeping, one happens, and never both.
 */
export interface NetworkInPlace {
  /**
   * Writes a network beside the one that the node has, and has the node take it soon, on its own: who asked for it may be
   * gone by then.
   *
   * @returns What it is kept by; undefined where the node has this network already.
   * @throws with a code, for a network that the node cannot have; nothing is changed then.
   */
  begin(session: SshSession, network: NetworkConfig, how: NetworkBegin): Promise<string | undefined>;
  /**
   * Compares the files of a node with those that {@link begin} would write, and changes nothing.
   *
   * @returns None where the node is as it would be then.
   * @throws with a code, as {@link begin}.
   */
  compare(
    session: SshSession,
    network: NetworkConfig,
    signal: AbortSignal,
  ): Promise<readonly NetworkDifference[]>;
  /**
   * Has the node keep the network.
   *
   * @param id - what {@link begin} returned
   * @returns `early` while the node has not taken it yet; `gone` when it has gone back.
   */
  keep(session: SshSession, id: string, signal: AbortSignal): Promise<'kept' | 'early' | 'gone'>;
  /** Whether a network was taken and is neither kept nor given up. */
  isUndecided(session: SshSession, signal: AbortSignal): Promise<boolean>;
  /** Has the node give up soon what {@link isUndecided}. */
  giveUp(session: SshSession, signal: AbortSignal): Promise<void>;
  /** What the node had to say against the network that it was to take last, for people; undefined where nothing. */
  complaint(session: SshSession, signal: AbortSignal): Promise<string | undefined>;
  /** Whether another machine on the node's wire has an address; undefined where the node cannot tell. */
  isTaken(session: SshSession, address: string, signal: AbortSignal): Promise<boolean | undefined>;
}
