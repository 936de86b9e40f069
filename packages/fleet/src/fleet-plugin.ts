import type {} from '@turingpi/cli/plugin';
import { definePlugin, type Plugin } from '@turingpi/core/plugin';
import { fleetCommand } from './command/fleet-command.js';
import { FLEET_ENGINES } from './engine/fleet-engine.js';

/** The plugin: brings the command `turingpi fleet`, and the place for engines. */
export const fleetPlugin: Plugin = definePlugin({
  name: '@turingpi/fleet',
  version: '0.1.0',
  extensionPoints: [FLEET_ENGINES],
  commands: [fleetCommand],
});
