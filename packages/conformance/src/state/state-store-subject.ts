import type { NodeName } from '@turingpi/foundation';
import type { PhaseName, StateStore } from '@turingpi/core/plugin';

/** A state that several stores have open, as one case of the suite needs it. */
export interface OpenedState extends AsyncDisposable {
  /** How long a holder that cannot be asked may be silent, in milliseconds: that of every store below. At most a second. */
  readonly ttlMs: number;
  /** Opens the state, as a process of this computer does. */
  readonly connect: () => Promise<StateStore>;
  /**
   * Opens it as a process of another computer does: nobody can ask whether it lives.
   *
   * @param options - `suspended`: it gives no sign of life after it took a lease
   */
  readonly connectElsewhere: (options: { readonly suspended: boolean }) => Promise<StateStore>;
}

/** What a suite for a store of the state is run on. */
export interface StateStoreSubject<O extends OpenedState = OpenedState> {
  /** A fresh state, with nothing in it; disposed when the case ends. */
  open(): Promise<O>;
  /**
   * Claims a phase in a process of this computer that is dead when this returns; left out where the state ends with its
   * process.
   */
  readonly claimAndDie?: (opened: O, node: NodeName, phase: PhaseName, hash: string) => Promise<void>;
  /**
   * Damages what is kept, so that it cannot be understood; left out where that cannot be.
   *
   * @returns Tells what is there now.
   */
  readonly damage?: (opened: O) => Promise<() => Promise<string>>;
}
