/**
 * What goes wrong while a module is brought up in USB-boot mode (texts: docs/reference/bmc-protocol.md, "Error texts").
 */
export type BringUpFault =
  'not-found' | 'usb-error' | 'no-block-device' | 'several-devices' | 'rpiboot-failed';

/** Things that go wrong on purpose; every knob may be turned while the board runs. */
export interface BoardFaults {
  /** Bring-up fails: the node stays on and USB stays routed to the BMC. */
  readonly bringUp?: BringUpFault;
  /** The byte at this offset comes back with one bit flipped in the read-back pass. */
  readonly corruptEmmcAt?: number;
  /** Writing at this offset fails with an I/O error: an upload in progress is answered early and then not read on. */
  readonly emmcErrorAt?: number;
  /** Writing stops at this offset until the knob is removed. */
  readonly emmcStallAt?: number;
  /** The module's disk is gone again when it is to be written: its USB connection broke after the bring-up. */
  readonly emmcVanishes?: boolean;
  /** The upload's connection is reset after this many of its bytes were read. */
  readonly resetUploadAt?: number;
  /** The daemon runs out of memory and dies after this many bytes of an upload; it stays down until `restart()`. */
  readonly outOfMemoryAt?: number;
  /** Every upload is taken for a malformed form: 500, and for a raw image without sha256 a false `Done`. */
  readonly malformedForm?: boolean;
  /** What an xz decoder may use; overrides the board's option. */
  readonly memoryLimitBytes?: number;
  /** Another client starts a transfer for this node after this many bytes of an upload were read. */
  readonly takeoverAt?: { readonly bytes: number; readonly node: 1 | 2 | 3 | 4 };
}

/** The faults in force now; one object shared by all parts of a board. */
export class FaultPanel {
  #current: BoardFaults = {};
  #changed = deferred();

  get current(): BoardFaults {
    return this.#current;
  }

  /** Replaces all knobs; `{}` repairs everything. */
  set(faults: BoardFaults): void {
    this.#current = { ...faults };
    this.#changed.resolve();
    this.#changed = deferred();
  }

  /** Resolves when a knob is turned. */
  async changed(): Promise<void> {
    await this.#changed.promise;
  }
}

function deferred(): { promise: Promise<void>; resolve: () => void } {
  let resolve: () => void = () => undefined;
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}

/** A fault of a module that was found. */
export type LateFault = Exclude<BringUpFault, 'usb-error' | 'not-found'>;
