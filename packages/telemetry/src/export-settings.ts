/** What is exported, as the variables call it. */
export type Signal = 'TRACES' | 'METRICS';

/** How it leaves the process. */
export interface ExportSettings {
  readonly protocol: 'http/protobuf' | 'http/json';
}

/** What the environment says about exporting. */
export interface ReadSettings {
  /** Missing where nothing is to be exported. */
  readonly settings?: ExportSettings;
  /** Why what was asked for is not done. */
  readonly problem?: string;
}

const PROTOCOLS: readonly string[] = ['http/protobuf', 'http/json'] satisfies ExportSettings['protocol'][];

/**
 * Decides by OpenTelemetry's standard variables whether and how something is exported; the rest of them (headers, compression,
 * certificates, sampler, sizes of batches) is read by its own packages.
 *
 * @remarks Unlike the standard says, nothing is sent to a default address unasked: without an endpoint, `otlp` has to be
 * named in `OTEL_TRACES_EXPORTER` or `OTEL_METRICS_EXPORTER`.
 */
export function readExportSettings(
  environment: Readonly<Record<string, string | undefined>>,
  signal: Signal = 'TRACES',
): ReadSettings {
  const read = (name: string) => {
    const value = environment[name]?.trim();
    return value === '' ? undefined : value; // the standard: an empty one is as if it were not set
  };
  if (read('OTEL_SDK_DISABLED')?.toLowerCase() === 'true') return {};
  const own = `OTEL_EXPORTER_OTLP_${signal}_ENDPOINT`;
  const variable = read(own) === undefined ? 'OTEL_EXPORTER_OTLP_ENDPOINT' : own;
  const endpoint = read(variable);
  const choice = `OTEL_${signal}_EXPORTER`;
  const wanted = read(choice)
    ?.split(',')
    .map((name) => name.trim());
  if (wanted === undefined ? endpoint === undefined : wanted.includes('none')) return {};
  if (wanted?.includes('otlp') === false)
    return { problem: `${choice} is ${wanted.join(',')}; of exporters there are otlp and none` };
  if (endpoint !== undefined && !isHttp(endpoint))
    return { problem: `${variable} is not the address of a collector, as http://localhost:4318 is` };
  const protocol =
    read(`OTEL_EXPORTER_OTLP_${signal}_PROTOCOL`) ?? read('OTEL_EXPORTER_OTLP_PROTOCOL') ?? 'http/protobuf';
  if (!isProtocol(protocol))
    return { problem: `the OTLP protocol ${protocol} is not supported; http/protobuf and http/json are` };
  return { settings: { protocol } };
}

function isProtocol(name: string): name is ExportSettings['protocol'] {
  return PROTOCOLS.includes(name);
}

function isHttp(address: string): boolean {
  return URL.canParse(address) && ['http:', 'https:'].includes(new URL(address).protocol);
}
