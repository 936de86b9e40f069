import { definePlugin } from '@turingpi/core/plugin';
import { limitCache } from './cache/limit-cache.js';
import { IMAGE_ENGINE } from './engine/image-engine.js';
import { LazyImageEngine } from './engine/lazy-image-engine.js';

/** Contributes the image engine as a service, and keeps the cache within its limit after each run. */
export const imagePlugin = definePlugin({
  name: '@turingpi/image',
  services: [{ token: IMAGE_ENGINE, useValue: new LazyImageEngine() }],
  hooks: {
    afterRun: async ({ config: { cacheDir, cacheMaxBytes }, stateFile, startedAt, logger }) => {
      const { signal } = new AbortController(); // takes no time worth stopping it
      const limited = await limitCache({ cacheDir, stateFile, startedAt, maxBytes: cacheMaxBytes, signal });
      if (limited === undefined || limited.removed.length + limited.failed.length === 0) return;
      const { removed, freedBytes, keptBytes, failed } = limited;
      logger.info({ removed: removed.length, freedBytes, keptBytes, failed }, 'cache brought to its limit');
    },
  },
});
