import { expect, it } from 'vitest';
import { readExportSettings } from './export-settings.js';

const ENDPOINT = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://localhost:4318' };
const PROTOBUF = { settings: { protocol: 'http/protobuf' } };

it.each([
  ['nothing', {}, {}],
  ['an endpoint', ENDPOINT, PROTOBUF],
  ['an endpoint of traces', { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'https://x/v1/traces' }, PROTOBUF],
  ['an empty endpoint', { OTEL_EXPORTER_OTLP_ENDPOINT: ' ' }, {}],
  ['another signal alone', { OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: 'http://x' }, {}],
  ['an exporter by name', { OTEL_TRACES_EXPORTER: 'otlp' }, PROTOBUF],
  ['several exporters', { OTEL_TRACES_EXPORTER: 'console, otlp' }, PROTOBUF],
  ['no exporter', { ...ENDPOINT, OTEL_TRACES_EXPORTER: 'none' }, {}],
  ['a disabled SDK', { ...ENDPOINT, OTEL_SDK_DISABLED: 'TRUE' }, {}],
  ['an SDK that is not disabled', { ...ENDPOINT, OTEL_SDK_DISABLED: 'false' }, PROTOBUF],
  [
    'JSON',
    { ...ENDPOINT, OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json' },
    { settings: { protocol: 'http/json' } },
  ],
  [
    'a protocol of traces',
    { ...ENDPOINT, OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc', OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: 'http/json' },
    { settings: { protocol: 'http/json' } },
  ],
])('%s', (_, environment, read) => {
  expect(readExportSettings(environment)).toEqual(read);
});

it.each([
  ['OTEL_TRACES_EXPORTER', 'zipkin'],
  ['OTEL_EXPORTER_OTLP_PROTOCOL', 'grpc'],
  ['OTEL_EXPORTER_OTLP_ENDPOINT', 'localhost:4318'],
  ['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', 'collector'],
])('%s=%s is said not to be understood', (name, value) => {
  const { settings, problem } = readExportSettings({ ...ENDPOINT, [name]: value });
  expect(settings).toBeUndefined();
  expect(problem).toContain(name.endsWith('PROTOCOL') ? value : name);
});
