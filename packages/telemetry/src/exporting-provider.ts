import { getNumberFromEnv } from '@opentelemetry/core';
import { OTLPTraceExporter as JsonExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { OTLPTraceExporter as ProtobufExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import {
  defaultResource,
  detectResources,
  envDetector,
  resourceFromAttributes,
} from '@opentelemetry/resources';
import { BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base';
import type { ExportSettings } from './export-settings.js';
import { ToldExporter } from './told-exporter.js';

/** So long an export may take, and at most so long a command that has ended waits for the last one, in milliseconds. */
export const LONGEST_EXPORT_MS = 3000;

/**
 * A provider whose spans are sent to the OTLP endpoint that the process's environment names. It is nobody's but ours: the
 * global one is left alone.
 *
 * @param onFailure - told of the first failed export, in words
 */
export function exportingProvider(
  { protocol }: ExportSettings,
  onFailure: (message: string) => void,
): BasicTracerProvider {
  const Exporter = protocol === 'http/json' ? JsonExporter : ProtobufExporter;
  const exporter = new ToldExporter(new Exporter({ timeoutMillis: exportMs() }), onFailure);
  const resource = defaultResource()
    .merge(resourceFromAttributes({ 'service.name': 'turingpi' }))
    .merge(detectResources({ detectors: [envDetector] }));
  return new BasicTracerProvider({ resource, spanProcessors: [new BatchSpanProcessor(exporter)] });
}

/** An export that goes on keeps the process: what its environment allows is cut to what a command may be kept. */
function exportMs(): number {
  const asked =
    getNumberFromEnv('OTEL_EXPORTER_OTLP_TRACES_TIMEOUT') ?? getNumberFromEnv('OTEL_EXPORTER_OTLP_TIMEOUT');
  return asked !== undefined && asked > 0 ? Math.min(asked, LONGEST_EXPORT_MS) : LONGEST_EXPORT_MS;
}
