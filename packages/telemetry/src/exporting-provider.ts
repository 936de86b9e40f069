import { setTimeout as sleep } from 'node:timers/promises';
import { getNumberFromEnv } from '@opentelemetry/core';
import { OTLPTraceExporter as JsonExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { OTLPTraceExporter as ProtobufExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import {
  defaultResource,
  detectResources,
  envDetector,
  type Resource,
  resourceFromAttributes,
} from '@opentelemetry/resources';
import { BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base';
import type { ExportSettings, Signal } from './export-settings.js';
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
  const exporter = new ToldExporter(new Exporter({ timeoutMillis: exportMs('TRACES') }), onFailure);
  return new BasicTracerProvider({
    resource: ourResource(),
    spanProcessors: [new BatchSpanProcessor(exporter)],
  });
}

/** Who it is from: we, unless the environment says otherwise. */
export function ourResource(): Resource {
  return defaultResource()
    .merge(resourceFromAttributes({ 'service.name': 'turingpi' }))
    .merge(detectResources({ detectors: [envDetector] }));
}

/** Has a provider send the last that it has, within a bounded time; why it could not is told by its exporter. */
export async function sendLast(provider: { shutdown(): Promise<void> }): Promise<void> {
  const isSent = new AbortController();
  const tooLong = sleep(LONGEST_EXPORT_MS, undefined, { signal: isSent.signal }).catch(() => undefined);
  const sent = provider.shutdown().catch(() => undefined);
  await Promise.race([sent, tooLong]);
  isSent.abort();
}

/** An export that goes on keeps the process: what its environment allows is cut to what a command may be kept. */
export function exportMs(signal: Signal): number {
  const asked =
    getNumberFromEnv(`OTEL_EXPORTER_OTLP_${signal}_TIMEOUT`) ??
    getNumberFromEnv('OTEL_EXPORTER_OTLP_TIMEOUT');
  return asked !== undefined && asked > 0 ? Math.min(asked, LONGEST_EXPORT_MS) : LONGEST_EXPORT_MS;
}
