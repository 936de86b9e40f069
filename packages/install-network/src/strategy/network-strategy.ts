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
  type RecordedDisk,
  type WantedInstallation,
} from '@turingpi/provisioning';
import { TuringPiError } from '@turingpi/foundation';
import { type ModuleHardware, moduleHardware } from '../base/module-hardware.js';
import { NetworkInstallError } from '../network-install-error.js';
import { disksForTarget, parseTarget, unforeseenOf } from './install-target.js';
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
  /** What is wrong with base images that were looked at, by type of module and path: nodes share them. */
  readonly #looked = new Map<string, Promise<NetworkInstallError | undefined>>();

  constructor(
    @inject(EXTENSIONS) private readonly extensions: Extensions,
    @inject(CLUSTER_CONFIG) private readonly config: ClusterConfig,
  ) {}

  supports({ id }: BoardDriver): boolean {
    return moduleHardware(id) !== undefined;
  }

  disksFor(target: string, { id }: Pick<BoardDriver, 'id'>): readonly string[] | undefined {
    return disksForTarget(target, id);
  }

  unforeseen(target: string | undefined, seen?: RecordedDisk): readonly string[] {
    return unforeseenOf(target, seen);
  }

  /** Whether an installer can be made of the base image; one that is not here yet, or is none, is not its business. */
  async missing(signal: AbortSignal, wanted?: WantedInstallation): Promise<TuringPiError | undefined> {
    const module = wanted && moduleHardware(wanted.board.id);
    if (module === undefined || wanted?.baseImage === undefined) return undefined;
    const key = `${wanted.board.id} ${wanted.baseImage}`;
    const looking = this.#looked.get(key) ?? this.#lookInto(wanted.baseImage, module, signal);
    this.#looked.set(key, looking);
    looking.catch(() => this.#looked.delete(key)); // what stopped one is not the next one's
    return await looking;
  }

  async #lookInto(
    baseImage: string,
    module: ModuleHardware,
    signal: AbortSignal,
  ): Promise<NetworkInstallError | undefined> {
    const { readBaseIn } = await import('./installer-cache.js');
    try {
      await readBaseIn(baseImage, module, { cacheDir: this.config.cacheDir, signal });
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof NetworkInstallError) return error;
      if (!TuringPiError.is(error)) throw error;
    }
    return undefined;
  }

  /** @throws As `installOverNetwork`. */
  async install(request: InstallationRequest): Promise<void> {
    const { node, image, progress, target, dryRun = false } = request;
    if (dryRun) {
      const size = `${Math.round(image.record.sizeBytes / 1e6)} MB`;
      progress({
        activity: 'dry run',
        note: `would flash a small installer to the eMMC of node ${node.id}, which pulls ${image.record.path} (${size}) from this computer and writes it ${whereTo(target)}`,
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

function whereTo(target: string | undefined): string {
  const { disk, serial } = parseTarget(target) ?? { disk: 'emmc' };
  if (disk === 'emmc') return 'over the same eMMC';
  const which = serial === undefined ? 'the NVMe, if that is empty' : `the NVMe ${serial}, whatever is on it`;
  return `over ${which}; the partition tables of the eMMC are erased`;
}
