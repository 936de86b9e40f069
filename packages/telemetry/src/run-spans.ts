import {
  type Context,
  context,
  defaultTextMapGetter,
  ROOT_CONTEXT,
  trace,
  type TracerProvider,
} from '@opentelemetry/api';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import type { LiveRunEvent } from '@turingpi/core/plugin';
import { spanChangesOf } from './span-changes-of.js';
import { SpanTree } from './span-tree.js';

/** Makes spans of runs, by a provider of whatever kind. */
export class RunSpans {
  readonly #tree: SpanTree;

  /** @param environment - may have `TRACEPARENT` and `TRACESTATE`: the trace that runs are part of */
  constructor(provider: TracerProvider, environment: Readonly<Record<string, string | undefined>>) {
    const around = contextOf(environment);
    // The span in which a program calls runAll is nearer than what the process was started in.
    const parent = () => (trace.getSpan(context.active()) === undefined ? around : context.active());
    this.#tree = new SpanTree(provider.getTracer('@turingpi/telemetry'), parent);
  }

  take(event: LiveRunEvent): void {
    for (const change of spanChangesOf(event)) this.#tree.apply(change);
  }

  /** Ends all spans; what is taken afterwards is left out. */
  end(): void {
    this.#tree.endAll(new Date());
  }
}

function contextOf({
  TRACEPARENT: traceparent,
  TRACESTATE: tracestate,
}: Readonly<Record<string, string | undefined>>): Context {
  const carrier = { traceparent, tracestate };
  return new W3CTraceContextPropagator().extract(ROOT_CONTEXT, carrier, defaultTextMapGetter);
}
