import { trace, type Tracer } from '@opentelemetry/api';
import { BasicTracerProvider } from '@opentelemetry/sdk-trace-base';
import type { MeterProvider } from '@opentelemetry/sdk-metrics';
import { TuringPiError } from '@turingpi/core/plugin';
import type {
  FleetEvent,
  FleetStatus,
  ObservedFleet,
  ObservedStep,
  StepResult,
} from '@turingpi/fleet/orchestrator';
import type { ExportSettings } from '../export-settings.js';
import { exportingProvider, sendLast } from '../exporting-provider.js';
import type { SpanOutcome } from '../span-change.js';
import { endSpan, SpanTree } from '../span-tree.js';
import { contextOfTrace } from '../trace-context.js';
import { FleetMetrics } from './fleet-metrics.js';
import { metricsProvider } from './metrics-provider.js';
import { STEP_CONTEXT } from './step-context.js';

export interface TelemetryOfFleetOptions {
  /** Undefined: none are sent. */
  readonly traces: ExportSettings | undefined;
  readonly metrics: ExportSettings | undefined;
  /** May have `TRACEPARENT`: the trace that rollouts are part of. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Told of the first failed export of each kind, in words. */
  readonly onFailure: (what: string, reason: string) => void;
}

/**
 * One process of a fleet as traces and metrics.
 *
 * @remarks Names, ids, times and codes get into them. Of a failure they have the code alone: its message is in the span of
 * the run, where known secrets are blotted out.
 */
export class ObservedByTelemetry implements ObservedFleet {
  readonly #traces: BasicTracerProvider;
  readonly #meters: MeterProvider;
  readonly #tracer: Tracer;
  readonly #tree: SpanTree;
  readonly #metrics: FleetMetrics;

  constructor(
    private readonly fleet: string,
    private readonly options: TelemetryOfFleetOptions,
  ) {
    const { traces, metrics, environment, onFailure } = options;
    this.#traces =
      traces === undefined
        ? new BasicTracerProvider()
        : exportingProvider(traces, (reason) => onFailure('traces', reason));
    this.#meters = metricsProvider(metrics, (reason) => onFailure('metrics', reason));
    this.#tracer = this.#traces.getTracer('@turingpi/telemetry');
    const around = contextOfTrace(environment);
    this.#tree = new SpanTree(this.#tracer, () => around);
    this.#metrics = new FleetMetrics(fleet, this.#meters);
  }

  begin(rollout: string): string | undefined {
    if (this.options.traces === undefined) return undefined;
    this.#tree.apply({ ...this.#ofRollout(rollout), at: new Date(), does: 'begin' });
    const { traceId = '', spanId = '', traceFlags = 0 } = this.#tree.contextOf([rollout]) ?? {};
    return `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`;
  }

  hear(event: FleetEvent): void {
    const at = new Date(event.at);
    const { rollout } = event;
    if (event.type === 'rollout:ended')
      this.#tree.apply({ ...this.#ofRollout(rollout), at, does: 'end', outcome: OUTCOMES[event.outcome] });
    if (event.type !== 'board:started' && event.type !== 'board:ended') return;
    const { board, site } = event;
    const attributes = { 'turingpi.board': board, 'turingpi.site': site };
    const span = { path: [rollout, board], name: `board ${board}`, at, attributes };
    if (event.type === 'board:started') this.#tree.apply({ ...span, does: 'begin' });
    else this.#tree.apply({ ...span, does: 'end', outcome: OUTCOMES[event.state] });
  }

  async during(step: ObservedStep, work: () => Promise<StepResult>): Promise<StepResult> {
    const around = contextOfTrace({ TRACEPARENT: step.trace });
    const attributes = {
      ...{ 'turingpi.fleet': this.fleet, 'turingpi.rollout': step.rollout, 'turingpi.board': step.board },
      ...{ 'turingpi.node.id': step.node, 'turingpi.step': step.step },
      ...{ 'turingpi.site': step.site, 'turingpi.agent': step.agent },
    };
    const span = this.#tracer.startSpan(`${step.board}/${step.node} ${step.step}`, { attributes }, around);
    const since = performance.now();
    const end = (outcome: SpanOutcome, code?: string) => {
      endSpan(span, new Date(), outcome, code === undefined ? undefined : { code });
      this.#metrics.step(step, outcome, (performance.now() - since) / 1000);
    };
    try {
      const result = await STEP_CONTEXT.run(trace.setSpan(around, span), work);
      end(result.outcome === 'skipped' ? 'skipped' : 'completed');
      return result;
    } catch (error) {
      if (error instanceof Error && error.name === 'AbortError') end('aborted');
      else end('failed', TuringPiError.is(error) ? error.code : 'UNEXPECTED');
      throw error;
    } finally {
      // An agent that is killed takes with it what waits to be sent; why this could not be is told by its exporter.
      this.#traces.forceFlush().catch(() => undefined);
    }
  }

  ask(status: () => Promise<FleetStatus>): void {
    if (this.options.metrics !== undefined) this.#metrics.count(status);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#tree.endAll(new Date());
    await Promise.all([sendLast(this.#traces), sendLast(this.#meters)]);
  }

  #ofRollout(rollout: string) {
    const attributes = { 'turingpi.fleet': this.fleet, 'turingpi.rollout': rollout };
    return { path: [rollout], name: `turingpi fleet ${this.fleet}`, attributes };
  }
}

type Ended =
  | Extract<FleetEvent, { type: 'rollout:ended' }>['outcome']
  | Extract<FleetEvent, { type: 'board:ended' }>['state'];

const OUTCOMES: Readonly<Record<Ended, SpanOutcome>> = {
  completed: 'completed',
  failed: 'failed',
  stopped: 'failed',
  cancelled: 'aborted',
  'not started': 'skipped',
  waiting: 'unfinished',
  running: 'unfinished',
};
