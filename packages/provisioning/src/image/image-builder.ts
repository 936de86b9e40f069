import { resolve } from 'node:path';
import { type Context, type CustomizedImage, PhaseError } from '@turingpi/core/plugin';
import type { BaseImageSource, ImageModifier } from '@turingpi/image/customization';
import { mergeCredentials } from '../credential/credential-plan.js';
import { operatingSystemOf } from '../os/operating-systems.js';
import type { FirstBootCredentials } from './first-boot-credentials.js';
import type { NetworkConfig } from './network-config.js';
import { networkOfNode } from './network-of-node.js';
import { buildImage } from './rebuildable-image.js';

/** Phase 1: makes the image of one node. Nothing happens before {@link run}. */
export class ImageBuilder {
  #base: BaseImageSource | undefined;
  #network: NetworkConfig | undefined;
  #credentials: FirstBootCredentials | undefined;
  readonly #preInstalls: ((image: ImageModifier) => Promise<void>)[] = [];
  #acceptMismatch = false;
  #requiresRoot = false;

  /** @param os - id of the operating system, for example `ubuntu` */
  constructor(private readonly os: string) {}

  withBaseImage(source: BaseImageSource): this {
    this.#base = source;
    return this;
  }

  /** Default: the network of the node's configuration. */
  withNetworkConfig(config: NetworkConfig): this {
    this.#network = config;
    return this;
  }

  /** What must be true at first boot, if it is known already here; the installer may bring it as well. */
  withCredentials(credentials: FirstBootCredentials): this {
    this.#credentials = mergeCredentials(this.#credentials, credentials);
    return this;
  }

  /**
   * Changes files in the image. The callback is recorded first (its operations are part of the phase's inputs), then
   * the recording is applied. What it reads is the image with the settings of this builder in it, except the host keys
   * and the password's hash, which are new in every installation; what it writes wins.
   */
  withPreInstall(callback: (image: ImageModifier) => Promise<void>): this {
    this.#preInstalls.push(callback);
    return this;
  }

  /** Overrides the refusal of an image that does not fit the node's board or this operating system. */
  withForce(force = true): this {
    this.#acceptMismatch = force;
    return this;
  }

  /**
   * Says that commands will run as root on the node: an image in which its user could not become root is then refused,
   * before anything is flashed. For operating systems that know the difference.
   */
  requireRoot(): this {
    this.#requiresRoot = true;
    return this;
  }

  /**
   * @throws PhaseError `PHASE_INPUT_MISSING` without a base image; PluginError `PLUGIN_NOT_FOUND` without the operating
   * system; what the operating system and the image throw.
   */
  async run(context: Context): Promise<CustomizedImage> {
    if (this.#base === undefined)
      throw new PhaseError(
        'PHASE_INPUT_MISSING',
        `no base image for ${context.node.hostname}: withBaseImage was not called`,
        {
          hint: "Call withBaseImage('./image.img.xz') before run.",
        },
      );
    return buildImage(context, operatingSystemOf(context, this.os), {
      base: typeof this.#base === 'string' ? resolve(this.#base) : this.#base,
      network: this.#network ?? networkOfNode(context.node),
      credentials: this.#credentials,
      preInstalls: [...this.#preInstalls],
      acceptMismatch: this.#acceptMismatch,
      requiresRoot: this.#requiresRoot,
    });
  }
}

/** Makes the image of one node, for an operating system named by its id: what the functions of OS plugins return. */
export function imageBuilderOf(os: string): ImageBuilder {
  return new ImageBuilder(os);
}
