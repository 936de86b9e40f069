/** How spans leave the process. */
export interface ExportSettings {
  readonly protocol: 'http/protobuf' | 'http/json';
}

/** What the environment says about exporting traces. */
export interface ReadSettings {
  /** Missing where nothing is to be exported. */
  readonly settings?: ExportSettings;
  /** Why what was asked for is not done. */
  readonly problem?: string;
}

const PROTOCOLS: readonly string[] = ['http/protobuf', 'http/json'] satisfies ExportSettings['protocol'][];

/**
 * Decides by OpenTelemetry's standard variables whether and how traces are exported; the rest of them (headers, compression,
 * certificates, sampler, sizes of batches) is read by its own packages.
 *
 * @remarks Unlike the standard says, nothing is sent to a default address unasked: without an endpoint, `otlp` has to be
 * named in `OTEL_TRACES_EXPORTER`.
 */
export function readExportSettings(environment: Readonly<Record<string, string | undefined>>): ReadSettings {
  const read = (name: string) => {
    const value = environment[name]?.trim();
    return value === '' ? undefined : value; // the standard: an empty one is as if it were not set
  };
  if (read('OTEL_SDK_DISABLED')?.toLowerCase() === 'true') return {};
  const ofTraces = 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT';
  const variable = read(ofTraces) === undefined ? 'OTEL_EXPORTER_OTLP_ENDPOINT' : ofTraces;
  const endpoint = read(variable);
  const wanted = read('OTEL_TRACES_EXPORTER')
    ?.split(',')
    .map((name) => name.trim());
  if (wanted === undefined ? endpoint === undefined : wanted.includes('none')) return {};
  if (wanted?.includes('otlp') === false)
    return { problem: `OTEL_TRACES_EXPORTER is ${wanted.join(',')}; of exporters there are otlp and none` };
  if (endpoint !== undefined && !isHttp(endpoint))
    return { problem: `${variable} is not the address of a collector, as http://localhost:4318 is` };
  const protocol =
    read('OTEL_EXPORTER_OTLP_TRACES_PROTOCOL') ?? read('OTEL_EXPORTER_OTLP_PROTOCOL') ?? 'http/protobuf';
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
