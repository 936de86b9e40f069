import type {
  BoardDriver,
  BoardId,
  BoardOperation,
  ClusterConfig,
  InstallationRequest,
  InstallationStrategy,
} from '@turingpi/core/plugin';
import type { BmcClient } from '../client/bmc-client.js';
import { flashImage } from '../flash/flash-request.js';
import { configuredNodes } from '../flash/other-nodes.js';

/** What drivers of modules that the BMC powers and flashes have in common. */
export abstract class BmcBoardDriver implements BoardDriver {
  abstract readonly id: string;
  abstract readonly title: string;
  abstract readonly strategies: readonly InstallationStrategy[];

  protected constructor(
    protected readonly bmc: BmcClient,
    protected readonly config: ClusterConfig,
  ) {}

  async identity({ signal }: Pick<BoardOperation, 'signal'>): Promise<BoardId> {
    const { serial, mac, publicKeyPin } = await this.bmc.identity({ signal });
    return { serial, mac, key: publicKeyPin };
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

  /** The strategy that writes the whole image to the module's storage through the BMC. */
  protected flashStrategy(): InstallationStrategy {
    return {
      id: 'flash',
      aliases: ['bmc'],
      summary: 'Writes the whole image to the eMMC through the BMC.',
      install: (request) => this.#flash(request),
    };
  }

  async #flash(request: InstallationRequest): Promise<void> {
    const { node, image, signal, progress, logger, permit, dryRun = false } = request;
    if (dryRun) {
      const size = `${Math.round(image.record.sizeBytes / 1e6)} MB`;
      progress({ activity: 'dry run', note: `would send ${image.record.path} (${size}) to node ${node.id}` });
      return;
    }
    const { remarks, ...facts } = await this.bmc.flashNode({
      node: node.id,
      image: flashImage(image),
      signal,
      progress,
      logger,
      otherNodes: configuredNodes(this.config),
      permit,
    });
    for (const remark of remarks) progress({ activity: 'flashed', note: remark });
    logger.info({ ...facts, remarks }, 'node is flashed');
  }
}
