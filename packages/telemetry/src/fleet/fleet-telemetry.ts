import type { FleetObserver } from '@turingpi/fleet/orchestrator';
import { readExportSettings } from '../export-settings.js';

/** Makes traces and metrics of a fleet. What it needs is loaded where something is exported. */
export const fleetTelemetry: FleetObserver = {
  id: 'opentelemetry',
  observe: async ({ fleet, environment, logger }) => {
    const traces = readExportSettings(environment, 'TRACES');
    const metrics = readExportSettings(environment, 'METRICS');
    for (const [what, { problem }] of [['traces', traces] as const, ['metrics', metrics] as const])
      if (problem !== undefined) logger.warn({ problem }, `no ${what} are exported: ${problem}`);
    if (traces.settings === undefined && metrics.settings === undefined) return undefined;
    const { ObservedByTelemetry } = await import('./observed-by-telemetry.js');
    return new ObservedByTelemetry(fleet, {
      ...{ traces: traces.settings, metrics: metrics.settings, environment },
      onFailure: (what, reason) => logger.warn({ reason }, `${what} could not be exported: ${reason}`),
    });
  },
};
