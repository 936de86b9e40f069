import { setTimeout as sleep } from 'node:timers/promises';
import type { BmcClient } from '@turingpi/bmc';
import { CLUSTER_CONFIG, type ClusterConfig, configOf } from '@turingpi/core/plugin';
import {
  BMC_CLIENT,
  BmcBoardDriver,
  type BoardOperation,
  type InstallationStrategy,
} from '@turingpi/provisioning';
import { DEFAULTS, NEW_MODULE } from './new-module-key.js';

/** A module in a slot of the board: its controller powers it, flashes it and reads its console. */
export class NewModuleBoard extends BmcBoardDriver {
  /** What the constructor is given, in its order. */
  static readonly inject = [BMC_CLIENT, CLUSTER_CONFIG];

  readonly id = 'new-module';
  readonly title = 'New module';
  /** The first one is the default. */
  readonly strategies: readonly InstallationStrategy[];
  readonly #restMs: number;

  constructor(bmc: BmcClient, config: ClusterConfig) {
    super(bmc, config);
    ({ restMs: this.#restMs } = configOf(config, NEW_MODULE) ?? DEFAULTS);
    this.strategies = [this.flashStrategy()];
  }

  /** Its regulator needs a rest before it may be switched on again. */
  override async powerOff(operation: BoardOperation): Promise<void> {
    await super.powerOff(operation);
    await sleep(this.#restMs, undefined, { signal: operation.signal }).catch(() =>
      operation.signal.throwIfAborted(),
    );
  }
}
