import { context, SpanStatusCode, trace } from '@opentelemetry/api';
import { hrTimeToMilliseconds } from '@opentelemetry/core';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import type { LiveRunEvent } from '@turingpi/core/plugin';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { at, eventfulRun, one, RUN_ID, runEvents, two } from './run-events.fixture.js';
import { RunSpans } from './run-spans.js';

/** What becomes of events, once nobody tells any more of them. */
function spansOf(
  events: readonly LiveRunEvent[],
  environment: Record<string, string> = {},
): { readonly ended: readonly ReadableSpan[]; readonly begun: number } {
  const exporter = new InMemorySpanExporter();
  let begun = 0;
  const counting = new SimpleSpanProcessor(exporter);
  vi.spyOn(counting, 'onStart').mockImplementation(() => (begun += 1));
  const spans = new RunSpans(new BasicTracerProvider({ spanProcessors: [counting] }), environment);
  for (const event of events) spans.take(event);
  spans.end();
  for (const event of events) spans.take(event); // too late
  return { ended: exporter.getFinishedSpans(), begun };
}

/** Spans as `parent > name`, each with its times in ms since the beginning of the run and its outcome. */
function outline(spans: readonly ReadableSpan[]): readonly string[] {
  const start = Date.parse(at(0));
  const pathOf = (span: ReadableSpan): string => {
    const parent = spans.find((each) => each.spanContext().spanId === span.parentSpanContext?.spanId);
    return parent === undefined ? span.name : `${pathOf(parent)} > ${span.name}`;
  };
  return spans
    .map((span) => {
      const [from, to] = [span.startTime, span.endTime].map((time) => hrTimeToMilliseconds(time) - start);
      return `${pathOf(span)}: ${from}-${to} ${String(span.attributes['turingpi.outcome'])}`;
    })
    .sort();
}

const named = (spans: readonly ReadableSpan[], name: string) => spans.find((span) => span.name === name)!;

describe('the spans of a run', () => {
  it('are those of its nodes, phases and actions, each in its place', () => {
    expect(outline(spansOf(eventfulRun).ended)).toEqual([
      'turingpi up > node 1 > image_customization: 100-710 completed',
      'turingpi up > node 1 > os_installation: 720-720 skipped',
      'turingpi up > node 1 > post_installation > local.copyFile: 730-730 replayed',
      'turingpi up > node 1 > post_installation > remote.aptInstall: 801-900 failed',
      'turingpi up > node 1 > post_installation > remote.runCommand: 741-800 completed',
      'turingpi up > node 1 > post_installation: 730-901 failed',
      'turingpi up > node 1: 2-902 failed',
      'turingpi up > node 2 > os_installation: 850-850 blocked',
      'turingpi up > node 2: 3-851 blocked',
      'turingpi up: 0-905 failed',
    ]);
  });

  it('say what they are about', () => {
    const { ended } = spansOf(eventfulRun);
    expect(named(ended, 'turingpi up').attributes).toEqual({
      'turingpi.run.id': RUN_ID,
      'turingpi.command': 'up',
      'turingpi.version': '0.1.0',
      'turingpi.boards': ['10.0.0.2'],
      'turingpi.nodes': 2,
      'turingpi.simulated': true,
      'turingpi.outcome': 'failed',
    });
    expect(named(ended, 'turingpi up').events).toMatchObject([
      { name: 'note', attributes: { text: 'a note of the run' } },
    ]);
    const node = { 'turingpi.node.id': 1, 'turingpi.node.hostname': 'lab-1' };
    expect(named(ended, 'image_customization').attributes).toEqual({
      ...node,
      'turingpi.reason': 'inputs changed',
      'turingpi.changed_inputs': ['network.hostname'],
      'turingpi.outcome': 'completed',
    });
    expect(named(ended, 'image_customization').events.map(({ name }) => name)).toEqual([
      'resource:acquired',
      'resource:released',
    ]);
    expect(named(ended, 'remote.runCommand').attributes).toEqual({
      ...node,
      'turingpi.action': 'remote.runCommand',
      'turingpi.action.index': 1,
      'turingpi.changed': false,
      'turingpi.outcome': 'completed',
    });
  });

  it('have the status, code and message of a failure; what was left alone on purpose has not failed', () => {
    const { ended } = spansOf(eventfulRun);
    for (const name of ['node 1', 'post_installation', 'remote.aptInstall']) {
      const message = 'COMMAND_FAILED: htop is not there';
      expect(named(ended, name).status).toEqual({ code: SpanStatusCode.ERROR, message });
      expect(named(ended, name).attributes).toMatchObject({
        'error.type': 'COMMAND_FAILED',
        'turingpi.message': 'htop is not there',
      });
    }
    expect(named(ended, 'turingpi up').status).toEqual({ code: SpanStatusCode.ERROR });
    expect(named(ended, 'node 2').status).toEqual({ code: SpanStatusCode.UNSET });
    expect(named(ended, 'node 2').attributes).toMatchObject({ 'turingpi.code': 'ERASE_NOT_APPROVED' });
    expect(named(ended, 'node 2').attributes).not.toHaveProperty('error.type');
  });

  it('hold no remark on an action, no value of an input, no console', () => {
    const texts = JSON.stringify(
      spansOf(eventfulRun).ended.map(({ name, attributes, events, status }) => [
        name,
        attributes,
        events,
        status,
      ]),
    );
    expect(texts).not.toMatch(/secret|console|a hint/);
  });

  it('of a node that is run again, and of nodes of two boards with one number, are spans of their own', () => {
    const start = eventfulRun[0]!;
    const again = runEvents(
      [1, { type: 'node:started', ...one, board: 'left' }],
      [2, { type: 'node:started', ...one, board: 'right' }],
      [3, { type: 'node:failed', ...one, board: 'left', durationMs: 2, code: 'X', message: 'x' }],
      [4, { type: 'node:started', ...one, board: 'left' }],
      [6, { type: 'node:completed', ...one, board: 'right', durationMs: 4 }],
      [7, { type: 'node:completed', ...one, board: 'left', durationMs: 3 }],
      [8, { type: 'run:ended', outcome: 'completed', durationMs: 8 }],
    );
    expect(outline(spansOf([start, ...again]).ended)).toEqual([
      'turingpi up > node 1: 1-3 failed',
      'turingpi up > node 1: 2-6 completed',
      'turingpi up > node 1: 4-7 completed',
      'turingpi up: 0-8 completed',
    ]);
  });

  it('end with what they are in when their own end is not told', () => {
    const stopped = runEvents(
      [0, { type: 'node:started', ...one }],
      [0, { type: 'node:started', ...two }],
      [1, { type: 'phase:started', phase: 'os_installation', ...one, reason: 'first run' }],
      [1, { type: 'phase:started', phase: 'os_installation', ...two, reason: 'first run' }],
      [5, { type: 'run:cancelling', by: 'SIGTERM' }],
      [9, { type: 'node:aborted', ...one, durationMs: 9 }],
    );
    const { ended } = spansOf([eventfulRun[0]!, ...stopped]);
    const outcomes = ended.map(({ name, attributes }) => [name, attributes['turingpi.outcome']]);
    expect(outcomes).toEqual([
      ['os_installation', 'aborted'],
      ['node 1', 'aborted'],
      ['os_installation', 'unfinished'],
      ['node 2', 'unfinished'],
      ['turingpi up', 'unfinished'],
    ]);
    expect(named(ended, 'turingpi up').events).toMatchObject([
      { name: 'cancelling', attributes: { by: 'SIGTERM' } },
    ]);
  });

  it('continue the trace of the environment, where it names one', () => {
    const traceId = '0af7651916cd43dd8448eb211c80319c';
    const run = (environment: Record<string, string>) =>
      named(spansOf(eventfulRun, environment).ended, 'turingpi up');
    const continued = run({ TRACEPARENT: `00-${traceId}-b7ad6b7169203331-01`, TRACESTATE: 'vendor=x' });
    expect(continued.spanContext().traceId).toBe(traceId);
    expect(continued.spanContext().traceState?.serialize()).toBe('vendor=x');
    expect(continued.parentSpanContext).toMatchObject({ spanId: 'b7ad6b7169203331', isRemote: true });
    expect(run({ TRACEPARENT: 'nonsense' }).parentSpanContext).toBeUndefined();
    expect(spansOf(eventfulRun, { TRACEPARENT: `00-${traceId}-b7ad6b7169203331-00` }).ended).toEqual([]); // not sampled
  });

  it('are in the span in which a program runs nodes', () => {
    const provider = new BasicTracerProvider();
    const outer = provider.getTracer('program').startSpan('nightly');
    vi.spyOn(context, 'active').mockReturnValue(trace.setSpan(context.active(), outer));
    const { ended } = spansOf(eventfulRun, {
      TRACEPARENT: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
    });
    expect(named(ended, 'turingpi up').parentSpanContext?.spanId).toBe(outer.spanContext().spanId);
  });
});

describe('whatever is told, in whatever order', () => {
  const anEvent = fc.constantFrom(
    ...eventfulRun,
    ...eventfulRun.map((event) => ('nodeId' in event ? { ...event, board: 'left' } : event)),
  );

  it('leaves no span without an end, and ends none twice', () => {
    const someEvents = fc.oneof(
      fc.nat(eventfulRun.length).map((length) => eventfulRun.slice(0, length)),
      fc.array(anEvent, { maxLength: 60 }),
    );
    fc.assert(
      fc.property(someEvents, (events) => {
        const { ended, begun } = spansOf(events);
        expect(ended).toHaveLength(begun);
        const ids = ended.map((span) => span.spanContext().spanId);
        expect(new Set(ids).size).toBe(ids.length);
      }),
    );
  });
});
