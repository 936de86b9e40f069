import { type Context, defaultTextMapGetter, ROOT_CONTEXT } from '@opentelemetry/api';
import { W3CTraceContextPropagator } from '@opentelemetry/core';

/** The trace that something is part of, by W3C Trace Context; what is none is as if there were none. */
export function contextOfTrace({
  TRACEPARENT: traceparent,
  TRACESTATE: tracestate,
}: Readonly<Record<string, string | undefined>>): Context {
  return new W3CTraceContextPropagator().extract(
    ROOT_CONTEXT,
    { traceparent, tracestate },
    defaultTextMapGetter,
  );
}
