import type {} from '@turingpi/cli/plugin';
import { definePlugin, type Plugin, type StateStoreDriver } from '@turingpi/core/plugin';
import { stateServerCommand } from './command/state-server-command.js';
import { openHttpState } from './open-http-state.js';
import { type HttpSettings, httpSettings } from './settings.js';

const driver: StateStoreDriver = {
  id: 'http',
  summary: 'A server that several computers ask, over HTTPS with certificates on both sides.',
  settings: httpSettings,
  open: ({ settings, ...request }) => openHttpState({ ...request, settings: settings as HttpSettings }), // its own schema has made them
};

/** The plugin: brings the store `http`, and the command `turingpi state-server`. */
export const httpStatePlugin: Plugin = definePlugin({
  name: '@turingpi/state-http',
  version: '0.1.0',
  stateStores: [driver],
  commands: [stateServerCommand],
});
