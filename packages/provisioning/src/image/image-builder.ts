import type { FirstBootCredentials } from './first-boot-credentials.js';
import type { Context, CustomizedImage } from '@turingpi/core/plugin';

import type { BaseImageSource, ImageModifier } from '@turingpi/image';
import type { NetworkConfig } from './network-config.js';

/** Phase 1: makes the image of one node. Nothing happens before `run`. */
export interface ImageBuilder {
  withBaseImage(source: BaseImageSource): this;
  withNetworkConfig(config: NetworkConfig): this;
  /** What must be true at first boot, if it is known already here; the installer may bring it as well. */
  withCredentials(credentials: FirstBootCredentials): this;
  /**
   * Changes files in the image. The callback is recorded first (its operations are part of the phase's inputs), then
   * the recording is applied. What it reads is the image with the settings of this builder in it, except the host keys
   * and the password's hash, which are new in every installation; what it writes wins.
   */
  withPreInstall(callback: (image: ImageModifier) => Promise<void>): this;
  /** Overrides the refusal of an image that does not fit the node's board or this operating system. */
  withForce(force?: boolean): this;
  /**
   * Says that commands will run as root on the node: an image in which its user could not become root is then refused,
   * before anything is flashed. For operating systems that know the difference.
   */
  requireSudo?(): this;
  run(context: Context): Promise<CustomizedImage>;
}
