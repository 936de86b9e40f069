import { BMC_CLIENT, BmcBoardDriver, type InstallationStrategy } from '@turingpi/provisioning';
import type { BmcClient } from '@turingpi/bmc';
import { CLUSTER_CONFIG, type ClusterConfig, inject, injectable } from '@turingpi/core/plugin';

/** The Turing RK1 (RK3588): flashed through the BMC, its serial console read through it. */
@injectable()
export class Rk1Driver extends BmcBoardDriver {
  readonly id = 'rk1';
  readonly title = 'Turing RK1';
  readonly strategies: readonly InstallationStrategy[];

  constructor(@inject(BMC_CLIENT) bmc: BmcClient, @inject(CLUSTER_CONFIG) config: ClusterConfig) {
    super(bmc, config);
    this.strategies = [this.flashStrategy()];
  }
}
