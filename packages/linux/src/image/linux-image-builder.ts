import { resolve } from 'node:path';
import type { BaseImageSource, ImageModifier } from '@turingpi/image';
import { type Context, type CustomizedImage, PhaseError } from '@turingpi/core/plugin';
import {
  type FirstBootCredentials,
  type ImageBuilder,
  type NetworkConfig,
  networkOfNode,
} from '@turingpi/provisioning';
import { mergeCredentials } from '../credential/credential-plan.js';
import type { ToolboxSource } from '../profile/linux-toolbox.js';
import { ImageBuild } from './image-build.js';

/** Phase 1 for every Linux: collects what is asked, checks it, and has the image built. */
export class LinuxImageBuilder implements ImageBuilder {
  #base: BaseImageSource | undefined;
  #network: NetworkConfig | undefined;
  #credentials: FirstBootCredentials | undefined;
  readonly #preInstalls: ((image: ImageModifier) => Promise<void>)[] = [];
  #acceptMismatch = false;
  #requiresSudo = false;

  constructor(private readonly toolbox: ToolboxSource) {}

  withBaseImage(source: BaseImageSource): this {
    this.#base = source;
    return this;
  }

  withNetworkConfig(config: NetworkConfig): this {
    this.#network = config;
    return this;
  }

  withCredentials(credentials: FirstBootCredentials): this {
    this.#credentials = mergeCredentials(this.#credentials, credentials);
    return this;
  }

  withPreInstall(callback: (image: ImageModifier) => Promise<void>): this {
    this.#preInstalls.push(callback);
    return this;
  }

  withForce(accept = true): this {
    this.#acceptMismatch = accept;
    return this;
  }

  requireSudo(): this {
    this.#requiresSudo = true;
    return this;
  }

  /** @throws PhaseError `PHASE_INPUT_MISSING` without a base image; whatever building throws. */
  async run(context: Context): Promise<CustomizedImage> {
    if (this.#base === undefined)
      throw new PhaseError(
        'PHASE_INPUT_MISSING',
        `no base image for ${context.node.hostname}: withBaseImage was not called`,
        {
          hint: "Call withBaseImage('./image.img.xz') before run.",
        },
      );
    const build = new ImageBuild(context, this.toolbox(context), {
      base: typeof this.#base === 'string' ? resolve(this.#base) : this.#base,
      network: this.#network ?? networkOfNode(context.node),
      credentials: this.#credentials,
      preInstalls: [...this.#preInstalls],
      acceptMismatch: this.#acceptMismatch,
      requiresSudo: this.#requiresSudo,
    });
    return build.run();
  }
}
