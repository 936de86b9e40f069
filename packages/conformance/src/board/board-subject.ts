import type { Node } from '@turingpi/core/plugin';
import type { BoardDriver } from '@turingpi/provisioning';

/** A module that can be installed, as one case of the suite needs it. */
export interface OpenedBoard extends AsyncDisposable {
  readonly board: BoardDriver;
  readonly node: Node;
  /** The first bytes of the disk that the board's first strategy erases. */
  written(lengthBytes: number): Promise<Uint8Array>;
  /** Whether the node is on now; left out where its power cannot be asked. */
  isOn?(): boolean | Promise<boolean>;
}

/** What a suite for a board is run on. */
export interface BoardSubject {
  /** A fresh node that is off, whose disk holds something else than what will be installed; disposed when the case ends. */
  open(): Promise<OpenedBoard>;
}
