import type {
  BoardDriver,
  BoardOperation,
  InstallationRequest,
  InstallationStrategy,
  PowerOnOperation,
} from './board-driver.js';
import type { BoardId, ClusterConfig } from '@turingpi/core/plugin';
import { withNamedNodes } from '@turingpi/foundation';
import type { BmcClient, OtherNodes } from '@turingpi/bmc';

/** What drivers of modules that the BMC powers and flashes have in common. */
export abstract class BmcBoardDriver implements BoardDriver {
  abstract readonly id: string;
  abstract readonly title: string;
  abstract readonly strategies: readonly InstallationStrategy[];

  protected constructor(
    protected readonly bmc: BmcClient,
    protected readonly config: ClusterConfig,
    /** What else than its console tells that a node runs; without it only the console does. */
    protected readonly otherNodes?: OtherNodes,
  ) {}

  async identity({ signal }: Pick<BoardOperation, 'signal'>): Promise<BoardId> {
    const { serial, mac, publicKeyPin } = await this.bmc.identity({ signal });
    return { serial, mac, key: publicKeyPin };
  }

  powerOn(operation: PowerOnOperation): Promise<void> {
    const { node, signal, progress } = operation;
    return this.bmc.switchOn(node.id, {
      signal,
      flashesAreDue: () => operation.isSlotWanted?.() === true,
      onWait: (note) => progress({ activity: 'wait for the board', note }),
    });
  }

  async powerOff({ node, signal }: BoardOperation): Promise<void> {
    await withNamedNodes([node.id], 'power off', () => this.bmc.power.off(node.id, { signal }));
    await this.bmc.bootEnded(node.id);
  }

  /** It is up, or nobody waits for it any more. */
  bootEnded({ node }: BoardOperation): Promise<void> {
    return this.bmc.bootEnded(node.id);
  }

  followConsole({ node, signal }: BoardOperation): AsyncIterable<string> {
    return this.bmc.followConsole(node.id, { signal });
  }

  async readConsole({ node, signal }: BoardOperation): Promise<string> {
    const { consoleKeepsHistory } = await this.bmc.capabilities({ signal });
    return consoleKeepsHistory ? await this.bmc.console.read(node.id, { signal }) : '';
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

  /** Who tells that another node runs: what was injected, else whoever asks for the installation. */
  protected otherNodesOf(request: InstallationRequest): OtherNodes | undefined {
    if (this.otherNodes !== undefined) return this.otherNodes;
    if (request.isRunning === undefined) return undefined;
    return { isRunning: async (node, signal) => (await request.isRunning?.(node, signal)) === true };
  }

  async #flash(request: InstallationRequest): Promise<void> {
    const { node, image, signal, progress, logger, permit, sharedTransfer, dryRun = false } = request;
    const otherNodes = this.otherNodesOf(request);
    if (dryRun) {
      const size = `${Math.round(image.record.sizeBytes / 1e6)} MB`;
      progress({ activity: 'dry run', note: `would send ${image.record.path} (${size}) to node ${node.id}` });
      return;
    }
    const { remarks, ...facts } = await this.bmc.flashNode({
      node: node.id,
      module: this.id,
      image: { format: image.record.format, open: (format, at) => image.open(format, at) },
      signal,
      progress,
      logger,
      ...(otherNodes && { otherNodes }),
      isStillOurs: async () => (await request.isStillOurs?.()) !== false,
      ...(sharedTransfer && { sharedTransfer }),
      permit,
    });
    for (const remark of remarks) progress({ activity: 'flashed', note: remark });
    logger.info({ ...facts, remarks }, 'node is flashed');
  }
}
