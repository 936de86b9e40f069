import type {} from '@turingpi/cli/plugin';
import { definePlugin, type Plugin } from '@turingpi/core/plugin';
import { fleetCommand } from './command/fleet-command.js';

/** The plugin: brings the command `turingpi fleet`. */
export const fleetPlugin: Plugin = definePlugin({
  name: '@turingpi/fleet',
  version: '0.1.0',
  commands: [fleetCommand],
});
