import {
  CLUSTER_CONFIG,
  type ClusterConfig,
  EXTENSIONS,
  type Extensions,
  inject,
  injectable,
} from '@turingpi/core/plugin';
import {
  BOARDS,
  type BoardDriver,
  type ContributedStrategy,
  type InstallationRequest,
} from '@turingpi/provisioning';
import { moduleHardware } from '../base/module-hardware.js';
import type { InstallerCache } from './installer-cache.js';
import { DEFAULT_NETWORK_TIMINGS } from './network-timings.js';

/** Variable with the address under which nodes reach this computer, where the route to them does not tell it. */
const ADDRESS_VARIABLE = 'TURINGPI_SERVE_ADDRESS';

/** Nodes pull their system from this computer; only a small installer goes through the BMC. */
@injectable()
export class NetworkStrategy implements ContributedStrategy {
  readonly id = 'network';
  readonly summary =
    'Starts a small installer through the BMC, which pulls the image from this computer (experimental).';
  #installers: InstallerCache | undefined;

  constructor(
    @inject(EXTENSIONS) private readonly extensions: Extensions,
    @inject(CLUSTER_CONFIG) private readonly config: ClusterConfig,
  ) {}

  supports({ id }: BoardDriver): boolean {
    return moduleHardware(id) !== undefined;
  }

  /** @throws As `installOverNetwork`. */
  async install(request: InstallationRequest): Promise<void> {
    const { node, image, progress, dryRun = false } = request;
    if (dryRun) {
      const size = `${Math.round(image.record.sizeBytes / 1e6)} MB`;
      progress({
        activity: 'dry run',
        note: `would flash a small installer to the eMMC of node ${node.id}, which pulls ${image.record.path} (${size}) from this computer and writes it over the same eMMC`,
      });
      return;
    }
    const board = this.extensions.get(BOARDS, node.config.board);
    const module = moduleHardware(board.id);
    const [flash] = board.strategies;
    if (module === undefined || flash === undefined)
      throw new RangeError(`${board.title} is not installed over the network`); // `supports` said so
    const { InstallerCache } = await import('./installer-cache.js');
    const { installOverNetwork } = await import('./install-over-network.js');
    this.#installers ??= new InstallerCache();
    await installOverNetwork(request, {
      ...{ board, module, flash, installers: this.#installers, timings: DEFAULT_NETWORK_TIMINGS },
      cacheDir: this.config.cacheDir,
      serveAddress: process.env[ADDRESS_VARIABLE],
    });
  }
}
