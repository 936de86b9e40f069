import { BMC_CLIENT, BmcBoardDriver, type InstallationStrategy, USB_HOST } from '@turingpi/provisioning';
import type { BmcClient } from '@turingpi/bmc';
import { CLUSTER_CONFIG, type ClusterConfig, inject, injectable } from '@turingpi/core/plugin';
import { DEFAULT_RPIBOOT_TIMINGS, installOverUsb, platformUnsupported } from './rpiboot-installation.js';
import type { UsbHost } from '@turingpi/usb-host';

/** The Raspberry Pi Compute Module 4 with eMMC: flashed through the BMC, or from this computer over USB. */
@injectable()
export class Cm4Driver extends BmcBoardDriver {
  readonly id = 'cm4';
  readonly title = 'Raspberry Pi CM4';
  readonly strategies: readonly InstallationStrategy[];

  constructor(
    @inject(BMC_CLIENT) bmc: BmcClient,
    @inject(CLUSTER_CONFIG) config: ClusterConfig,
    @inject(USB_HOST) host: UsbHost,
  ) {
    super(bmc, config);
    this.strategies = [
      this.flashStrategy(),
      {
        id: 'rpiboot',
        summary: 'Writes the image from this computer over USB, with rpiboot (Linux and macOS).',
        missing: async (signal) => platformUnsupported(host.platform) ?? (await host.missing?.(signal)),
        install: (request) =>
          installOverUsb(request, {
            bmc,
            host,
            otherNodes: this.otherNodesOf(request),
            timings: DEFAULT_RPIBOOT_TIMINGS,
          }),
      },
    ];
  }
}
