import { defineExtensionPoint, type ExtensionPoint } from '@turingpi/core/plugin';
import type { ImageBackend } from '@turingpi/image/customization';

declare module '@turingpi/core/plugin' {
  interface Contributions {
    /** Ways to edit images. */
    imageBackends: ImageBackend;
  }
}

/** Ways to edit images besides our own drivers: `definePlugin({ imageBackends: [loop] })`. */
export const IMAGE_BACKENDS: ExtensionPoint<ImageBackend> = defineExtensionPoint<ImageBackend>({
  key: 'imageBackends',
  title: 'image backend',
});
