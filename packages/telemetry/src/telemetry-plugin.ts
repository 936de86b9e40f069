import type { TracerProvider } from '@opentelemetry/api';
import { definePlugin, LOGGER, type Logger, type Plugin, type StartedPlugin } from '@turingpi/core/plugin';
import { type ExportSettings, readExportSettings } from './export-settings.js';
import { fleetTelemetry } from './fleet/fleet-telemetry.js';
import { type OpenedSpans, Telemetry } from './telemetry.js';

/** How runs become traces. */
export interface TelemetryOptions {
  /**
   * What makes the spans, in a program that has an OpenTelemetry of its own; it is neither flushed nor shut down. Default:
   * they are exported as the standard variables of the environment say.
   */
  readonly tracerProvider?: TracerProvider;
}

/** A plugin that makes an OpenTelemetry span of every run, node, phase and action, and of what a fleet does. */
export function telemetryPlugin({ tracerProvider }: TelemetryOptions = {}): Plugin {
  return definePlugin({
    name: '@turingpi/telemetry',
    fleetObservers: [fleetTelemetry],
    start: (services) => {
      const logger = services.service(LOGGER);
      if (tracerProvider !== undefined) return new Telemetry(() => spansBy(tracerProvider), logger);
      const { settings, problem } = readExportSettings(process.env);
      if (problem !== undefined) logger.warn({ problem }, `no traces are exported: ${problem}`);
      return settings === undefined ? IDLE : new Telemetry(() => exportedSpans(settings, logger), logger);
    },
  });
}

const IDLE: StartedPlugin = { [Symbol.asyncDispose]: () => Promise.resolve() };

async function spansBy(provider: TracerProvider): Promise<OpenedSpans> {
  const { RunSpans } = await import('./run-spans.js');
  return { spans: new RunSpans(provider, process.env), flush: () => Promise.resolve() };
}

async function exportedSpans(settings: ExportSettings, logger: Logger): Promise<OpenedSpans> {
  const { exportingProvider, sendLast } = await import('./exporting-provider.js');
  const provider = exportingProvider(settings, (reason) =>
    logger.warn({ reason }, `traces could not be exported: ${reason}`),
  );
  const { spans } = await spansBy(provider);
  return { spans, flush: () => sendLast(provider) };
}
