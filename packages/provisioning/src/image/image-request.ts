import type { BaseImageSource, ImageModifier, ImageRecording } from '@turingpi/image/customization';
import type { FirstBootCredentials } from './first-boot-credentials.js';
import type { NetworkConfig } from './network-config.js';

/** Everything a builder was told. */
export interface ImageRequest {
  readonly base: BaseImageSource;
  readonly network: NetworkConfig;
  readonly credentials: FirstBootCredentials | undefined;
  readonly preInstalls: readonly ((image: ImageModifier) => Promise<void>)[];
  /** What they do, where it was recorded before: then they are none. */
  readonly recording?: ImageRecording | undefined;
  readonly acceptMismatch: boolean;
  /** Refuse an image in which the user could not become root. */
  readonly requiresRoot: boolean;
}
