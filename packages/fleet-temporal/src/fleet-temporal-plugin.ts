import { definePlugin, type Plugin } from '@turingpi/core/plugin';
import type {} from '@turingpi/fleet/orchestrator';
import { temporalEngine } from './engine/temporal-engine.js';

/** The plugin: brings the engine `temporal`. A module of its own, so that finding it loads nothing of Temporal. */
export const fleetTemporalPlugin: Plugin = definePlugin({
  name: '@turingpi/fleet-temporal',
  version: '0.1.0',
  fleetEngines: [temporalEngine],
});

export default fleetTemporalPlugin;
