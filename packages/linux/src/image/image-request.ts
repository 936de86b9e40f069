import type { BaseImageSource, ImageModifier } from '@turingpi/image';
import type { FirstBootCredentials, NetworkConfig } from '@turingpi/provisioning';

/** Everything a builder was told. */
export interface ImageRequest {
  readonly base: BaseImageSource;
  readonly network: NetworkConfig;
  readonly credentials: FirstBootCredentials | undefined;
  readonly preInstalls: readonly ((image: ImageModifier) => Promise<void>)[];
  readonly acceptMismatch: boolean;
  /** Refuse an image in which the user could not become root. */
  readonly requiresSudo: boolean;
}
