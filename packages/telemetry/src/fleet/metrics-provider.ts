import { randomUUID } from 'node:crypto';
import { getNumberFromEnv } from '@opentelemetry/core';
import { OTLPExporterBase } from '@opentelemetry/otlp-exporter-base';
import {
  convertLegacyHttpOptions,
  createOtlpHttpExportDelegate,
} from '@opentelemetry/otlp-exporter-base/node-http';
import {
  JsonMetricsSerializer,
  MetricsExporterMetricsHelper,
  ProtobufMetricsSerializer,
} from '@opentelemetry/otlp-transformer';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  MeterProvider,
  PeriodicExportingMetricReader,
  type PushMetricExporter,
} from '@opentelemetry/sdk-metrics';
import type { ExportSettings } from '../export-settings.js';
import { exportMs, ourResource } from '../exporting-provider.js';
import { ToldExporter } from '../told-exporter.js';

/** As the standard has it. */
const USUAL_INTERVAL_MS = 60_000;

/**
 * A provider whose metrics are sent to the OTLP endpoint that the process's environment names. It is nobody's but ours.
 *
 * @param settings - undefined: nothing is sent
 * @param onFailure - told of the first failed export, in words
 */
export function metricsProvider(
  settings: ExportSettings | undefined,
  onFailure: (message: string) => void,
): MeterProvider {
  if (settings === undefined) return new MeterProvider();
  const exporter: PushMetricExporter & { forceFlush(): Promise<void> } = new ToldExporter(
    exporterOf(settings),
    onFailure,
  );
  const timeoutMs = exportMs('METRICS');
  const asked = getNumberFromEnv('OTEL_METRIC_EXPORT_INTERVAL');
  const intervalMs = Math.max(timeoutMs, asked !== undefined && asked > 0 ? asked : USUAL_INTERVAL_MS);
  const reader = new PeriodicExportingMetricReader({
    ...{ exporter, exportIntervalMillis: intervalMs, exportTimeoutMillis: timeoutMs },
  });
  // Two processes tell the same counts: they must be told apart.
  const instance = resourceFromAttributes({ 'service.instance.id': randomUUID() });
  return new MeterProvider({ resource: instance.merge(ourResource()), readers: [reader] });
}

function exporterOf({ protocol }: ExportSettings) {
  const isJson = protocol === 'http/json';
  const headers = { 'Content-Type': isJson ? 'application/json' : 'application/x-protobuf' };
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- it alone reads the standard variables, as the exporters of traces do with it
  const options = convertLegacyHttpOptions(
    { timeoutMillis: exportMs('METRICS') },
    ...(['METRICS', 'v1/metrics', headers] as const),
  );
  const serializer = isJson ? JsonMetricsSerializer : ProtobufMetricsSerializer;
  const name = isJson ? 'otlp_http_json_metric_exporter' : 'otlp_http_metric_exporter';
  return new OTLPExporterBase(
    createOtlpHttpExportDelegate(options, serializer, name, MetricsExporterMetricsHelper, undefined),
  );
}
