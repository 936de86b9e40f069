import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

/** A span as OTLP has it in JSON, as far as tests look at it. */
export interface ReceivedSpan {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly status: { readonly code?: number; readonly message?: string };
  readonly attributes: readonly { readonly key: string; readonly value: Record<string, unknown> }[];
}

interface Attributed {
  readonly attributes: ReceivedSpan['attributes'];
}
/** A metric as OTLP has it in JSON, as far as tests look at it. */
export interface ReceivedMetric {
  readonly name: string;
  readonly unit: string;
  readonly gauge?: { readonly dataPoints: readonly ReceivedPoint[] };
  readonly histogram?: { readonly dataPoints: readonly ReceivedPoint[] };
}
export interface ReceivedPoint extends Attributed {
  readonly asInt?: number | string;
  readonly asDouble?: number;
  readonly count?: number | string;
}
interface ReceivedBody {
  readonly resourceMetrics?: readonly {
    readonly scopeMetrics: readonly { readonly metrics: readonly ReceivedMetric[] }[];
  }[];
  readonly resourceSpans?: readonly {
    readonly resource: Attributed;
    readonly scopeSpans: readonly { readonly spans: readonly ReceivedSpan[] }[];
  }[];
}

export interface OtlpReceiver extends AsyncDisposable {
  readonly url: string;
  readonly requests: readonly { readonly request: IncomingMessage; readonly body: Buffer }[];
  /** What came as JSON. */
  readonly spans: readonly ReceivedSpan[];
  readonly metrics: readonly ReceivedMetric[];
  /** Of the resource that spans came from. */
  readonly resource: Readonly<Record<string, unknown>>;
}

/** Receives OTLP over HTTP on loopback. @param status - what it answers; `never`: it does not */
export async function startReceiver(status: number | 'never' = 200): Promise<OtlpReceiver> {
  const requests: { request: IncomingMessage; body: Buffer }[] = [];
  const server = createServer((request, response) => {
    void buffer(request).then((body) => {
      requests.push({ request, body });
      if (status !== 'never') response.writeHead(status, { 'content-type': 'application/json' }).end('{}');
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const bodies = () => requests.map(({ body }) => JSON.parse(body.toString()) as ReceivedBody);
  const spans = () => bodies().flatMap(({ resourceSpans = [] }) => resourceSpans);
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    get spans() {
      return spans().flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans));
    },
    get metrics() {
      return bodies().flatMap(({ resourceMetrics = [] }) =>
        resourceMetrics.flatMap(({ scopeMetrics }) => scopeMetrics.flatMap(({ metrics }) => metrics)),
      );
    },
    get resource() {
      return attributesOf(spans()[0]!.resource);
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** By name, each as plain value. */
export function attributesOf({ attributes }: Attributed): Readonly<Record<string, unknown>> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));
}
