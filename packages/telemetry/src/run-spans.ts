import { context, trace, type TracerProvider } from '@opentelemetry/api';
import type { LiveRunEvent } from '@turingpi/core/plugin';
import { spanChangesOf } from './span-changes-of.js';
import { contextOfTrace } from './trace-context.js';
import { SpanTree } from './span-tree.js';
import { STEP_CONTEXT } from './fleet/step-context.js';

/** Makes spans of runs, by a provider of whatever kind. */
export class RunSpans {
  readonly #tree: SpanTree;

  /** @param environment - may have `TRACEPARENT` and `TRACESTATE`: the trace that runs are part of */
  constructor(provider: TracerProvider, environment: Readonly<Record<string, string | undefined>>) {
    const around = contextOfTrace(environment);
    // The step of a fleet, or the span in which a program calls runAll, is nearer than what the process was started in.
    const parent = () =>
      STEP_CONTEXT.getStore() ?? (trace.getSpan(context.active()) === undefined ? around : context.active());
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
