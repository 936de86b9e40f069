import { FILE_STATE_STORE } from '../state/file-state-store-driver.js';
import { STATE_STORES } from '../state/state-stores.js';
import { definePlugin, type Plugin } from './define-plugin.js';

/** What core itself brings, in the way in which plugins do. */
export const CORE_PLUGIN: Plugin = definePlugin({
  name: '@turingpi/core',
  extensionPoints: [STATE_STORES],
  stateStores: [FILE_STATE_STORE],
});
