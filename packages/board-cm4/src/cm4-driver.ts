import {
  BMC_CLIENT,
  type BmcClient,
  configuredNodes,
  flashImage,
  type FlashRequest,
  type FlashResult,
} from '@turingpi/bmc';
import {
  type BoardDriver,
  type BoardOperation,
  CLUSTER_CONFIG,
  type ClusterConfig,
  inject,
  injectable,
  type InstallationRequest,
  type InstallationStrategy,
} from '@turingpi/core/plugin';
import { DEFAULT_RPIBOOT_TIMINGS, installOverUsb } from './rpiboot/rpiboot-installation.js';
import { USB_HOST, type UsbHost } from './rpiboot/usb-host.js';

/** The Raspberry Pi Compute Module 4 with eMMC: flashed through the BMC, or from this computer over USB. */
@injectable()
export class Cm4Driver implements BoardDriver {
  readonly id = 'cm4';
  readonly title = 'Raspberry Pi CM4';
  readonly strategies: readonly InstallationStrategy[];

  constructor(
    @inject(BMC_CLIENT) private readonly bmc: BmcClient,
    @inject(CLUSTER_CONFIG) private readonly config: ClusterConfig,
    @inject(USB_HOST) host: UsbHost,
  ) {
    this.strategies = [
      {
        id: 'flash',
        aliases: ['bmc'],
        summary: 'Writes the whole image to the eMMC through the BMC.',
        install: (request) => this.#flash(request),
      },
      {
        id: 'rpiboot',
        summary: 'Writes the image from this computer over USB, with rpiboot (Linux and macOS).',
        install: (request) =>
          installOverUsb(request, {
            bmc,
            host,
            otherNodes: configuredNodes(config),
            timings: DEFAULT_RPIBOOT_TIMINGS,
          }),
      },
    ];
  }

  powerOn({ node, signal }: BoardOperation): Promise<void> {
    return this.bmc.power.on(node.id, { signal });
  }

  powerOff({ node, signal }: BoardOperation): Promise<void> {
    return this.bmc.power.off(node.id, { signal });
  }

  followConsole({ node, signal }: BoardOperation): AsyncIterable<string> {
    return this.bmc.followConsole(node.id, { signal });
  }

  sendConsoleLine({ node, signal }: BoardOperation, line: string): Promise<void> {
    return this.bmc.console.send(node.id, line, { signal });
  }

  async #flash(request: InstallationRequest): Promise<void> {
    const { node, image, signal, progress, logger, dryRun = false } = request;
    if (dryRun) {
      const size = `${Math.round(image.record.sizeBytes / 1e6)} MB`;
      progress({ activity: 'dry run', note: `would send ${image.record.path} (${size}) to node ${node.id}` });
      return;
    }
    const flash: FlashRequest = {
      node: node.id,
      image: flashImage(image),
      signal,
      progress,
      logger,
      otherNodes: configuredNodes(this.config),
    };
    const { remarks, ...facts }: FlashResult = await this.bmc.flashNode(flash);
    for (const remark of remarks) progress({ activity: 'flashed', note: remark });
    logger.info({ ...facts, remarks }, 'node is flashed');
  }
}
