import type {} from '@turingpi/cli/plugin';
import { definePlugin, type Plugin } from '@turingpi/core/plugin';
import { fleetCommand } from './command/fleet-command.js';
import { FLEET_ENGINES } from './engine/fleet-engine.js';
import { FLEET_OBSERVERS } from './observer/fleet-observer.js';

/** The plugin: brings the command `turingpi fleet`, and the places for engines and observers. */
export const fleetPlugin: Plugin = definePlugin({
  name: '@turingpi/fleet',
  version: '0.1.0',
  extensionPoints: [FLEET_ENGINES, FLEET_OBSERVERS],
  commands: [fleetCommand],
});
