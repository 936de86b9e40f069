import type { FleetEngine, FleetEngineRequest } from '@turingpi/fleet/orchestrator';
import { type TemporalSettings, temporalSettings } from './temporal-settings.js';

/** The engine `temporal`. What it needs of Temporal is loaded when it is used: other commands find this plugin as well. */
export const temporalEngine: FleetEngine = {
  id: 'temporal',
  summary: 'A Temporal server keeps rollouts, and hands steps to the agents of sites.',
  settings: temporalSettings,
  connect: async (request) => {
    const { TemporalOrchestrator } = await import('../temporal-orchestrator.js');
    const { USUAL_TIMINGS } = await import('../workflow/step-timings.js');
    const { temporalLinks } = await import('./temporal-links.js');
    const settings = settingsOf(request);
    const { lostAfterMs } = settings;
    const timings = { ...USUAL_TIMINGS, lostAfterMs };
    return TemporalOrchestrator.connect({
      ...(await connectionOf(request)),
      timings,
      links: temporalLinks(request.fleet, settings),
    });
  },
  startAgent: async ({ id, site, limits, steps, logger, ...request }) => {
    const { startFleetAgent } = await import('../worker/fleet-agent.js');
    return startFleetAgent({
      ...(await connectionOf({ ...request, logger })),
      id,
      site,
      limits,
      steps,
      logger,
    });
  },
  startController: async (request) => {
    const { startFleetController } = await import('../worker/fleet-controller.js');
    return startFleetController({ ...(await connectionOf(request)), logger: request.logger });
  },
  startDemoServer: async (request) => {
    const { startDemoServer } = await import('./demo-server.js');
    return startDemoServer(request);
  },
};

function settingsOf({ settings }: Pick<FleetEngineRequest, 'settings'>): TemporalSettings {
  return settings as TemporalSettings; // its own schema has made them
}

async function connectionOf(request: FleetEngineRequest) {
  const { connectionFromSettings } = await import('./connection-from-settings.js');
  return connectionFromSettings(request, settingsOf(request));
}
