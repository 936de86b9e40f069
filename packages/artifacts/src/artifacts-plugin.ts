import { configOf, definePlugin, type Plugin, resolvePath } from '@turingpi/core/plugin';
import provisioning from '@turingpi/provisioning';
import { ARTIFACTS } from './artifacts-settings.js';
import { collectArtifacts, noteReferences } from './collect-artifacts.js';
import { openArtifacts } from './open-artifacts.js';

/** The plugin: computers that name one directory, or its web server, make each image once. */
export const artifactsPlugin: Plugin = definePlugin({
  name: '@turingpi/artifacts',
  version: '0.1.0',
  requires: [provisioning],
  configKeys: [ARTIFACTS],
  artifactStores: [{ id: 'artifacts', open: openArtifacts }],
  hooks: {
    // What no record names any more goes, where it may be seen: behind a web server its own computer does that.
    afterRun: async ({ config, recordedImages, logger }) => {
      const settings = configOf(config, ARTIFACTS);
      if (settings === undefined || !('directory' in settings)) return;
      const directory = resolvePath(config.baseDir, settings.directory);
      const { digests, unreadable } = await recordedImages();
      const { signal } = new AbortController(); // takes no time worth stopping it
      const images = [...digests.values()].filter((sha256) => sha256 !== undefined);
      if (!unreadable) await noteReferences(directory, config.cacheDir, images, signal);
      const removed = await collectArtifacts(directory, settings.keepDays);
      if (removed.length > 0) logger.info({ removed: removed.length }, 'shared images that no record names');
    },
  },
});
