import type { Node } from '@turingpi/core/plugin';
import type { InstallationStrategy } from '@turingpi/provisioning';

/** A node that can be installed, as one case of the suite needs it. */
export interface OpenedStrategy extends AsyncDisposable {
  readonly strategy: InstallationStrategy;
  readonly node: Node;
  /** The disk that the strategy erases, as its permit names it. Default `emmc`. */
  readonly disk?: string;
  /** The first bytes of that disk. */
  written(lengthBytes: number): Promise<Uint8Array>;
  /** Whether the node is on now; left out where its power cannot be asked. */
  isOn?(): boolean | Promise<boolean>;
}

/** What a suite for an installation strategy is run on. */
export interface StrategySubject {
  /** A fresh node, whose disk holds something else than what will be installed; disposed when the case ends. */
  open(): Promise<OpenedStrategy>;
}
