import { definePlugin } from '@turingpi/core/plugin';
import { BackendImageEngine } from './engine/backend-image-engine.js';
import { IMAGE_ENGINE } from './engine/image-engine.js';

/** Contributes the image engine as a service. */
export const imagePlugin = definePlugin({
  name: '@turingpi/image',
  services: [{ token: IMAGE_ENGINE, useValue: new BackendImageEngine() }],
});
