import {
  type Context,
  ROOT_CONTEXT,
  type Span,
  type SpanContext,
  SpanStatusCode,
  trace,
  type Tracer,
} from '@opentelemetry/api';
import type { SpanChange, SpanFailure, SpanOutcome, SpanPath } from './span-change.js';

interface OpenSpan {
  readonly path: SpanPath;
  readonly span: Span;
}

/** The spans that have begun and not ended, each under its path. */
export class SpanTree {
  readonly #open = new Map<string, OpenSpan>();
  #hasEnded = false;

  /** @param parent - context in which runs begin: what their spans are children of */
  constructor(
    private readonly tracer: Tracer,
    private readonly parent: () => Context = () => ROOT_CONTEXT,
  ) {}

  apply(change: SpanChange): void {
    if (this.#hasEnded) return;
    const { path, name, at, attributes = {} } = change;
    switch (change.does) {
      case 'begin':
        this.#begin(path, name, before(at, change.agoMs)).setAttributes(attributes);
        return;
      case 'end': {
        const { outcome, failure } = change;
        const span = this.#begin(path, name, before(at, change.durationMs)).setAttributes(attributes);
        this.#endBelow(path, at, outcome === 'aborted' ? outcome : 'unfinished');
        this.#open.delete(keyOf(path));
        endSpan(span, at, outcome, failure);
        return;
      }
      case 'remark':
        this.#nearest(path)?.span.addEvent(name, attributes, at);
    }
  }

  /** Of the span of a path, while it is open: others, elsewhere, may be children of it. */
  contextOf(path: SpanPath): SpanContext | undefined {
    return this.#open.get(keyOf(path))?.span.spanContext();
  }

  /** Ends what is open: nobody will tell its end any more. Nothing begins afterwards. */
  endAll(at: Date): void {
    this.#hasEnded = true;
    this.#endBelow([], at, 'unfinished');
  }

  /** The span of a path, which begins now unless it has. */
  #begin(path: SpanPath, name: string, at: Date): Span {
    const known = this.#open.get(keyOf(path));
    if (known !== undefined) return known.span;
    const above = this.#nearest(path.slice(0, -1));
    const context = above === undefined ? this.parent() : trace.setSpan(ROOT_CONTEXT, above.span);
    const span = this.tracer.startSpan(name, { startTime: at }, context);
    this.#open.set(keyOf(path), { path, span });
    return span;
  }

  /** What is open of a path, or of what is around it. */
  #nearest(path: SpanPath): OpenSpan | undefined {
    if (path.length === 0) return undefined;
    return this.#open.get(keyOf(path)) ?? this.#nearest(path.slice(0, -1));
  }

  #endBelow(path: SpanPath, at: Date, outcome: SpanOutcome): void {
    const below = [...this.#open.values()]
      .filter((open) => open.path.length > path.length && path.every((part, i) => open.path[i] === part))
      .sort((a, b) => b.path.length - a.path.length); // the innermost first
    for (const open of below) {
      this.#open.delete(keyOf(open.path));
      endSpan(open.span, at, outcome);
    }
  }
}

/** Ends a span, which says how that ended that it is about. */
export function endSpan(
  span: Span,
  at: Date,
  outcome: SpanOutcome,
  failure?: Pick<SpanFailure, 'code'> & Partial<SpanFailure>,
): void {
  span.setAttribute('turingpi.outcome', outcome);
  if (failure !== undefined) {
    const { code, message } = failure;
    span.setAttributes({ 'turingpi.code': code });
    if (message !== undefined) span.setAttribute('turingpi.message', message);
  }
  if (outcome === 'failed') {
    // `error.type` is OpenTelemetry's own name, and for errors only: what was left alone on purpose is none.
    span.setAttributes(failure === undefined ? {} : { 'error.type': failure.code });
    const said = [failure?.code, failure?.message].filter((part) => part !== undefined).join(': ');
    span.setStatus({ code: SpanStatusCode.ERROR, ...(said === '' ? {} : { message: said }) });
  }
  span.end(at);
}

function before(at: Date, ms = 0): Date {
  return new Date(at.getTime() - ms);
}

function keyOf(path: SpanPath): string {
  return JSON.stringify(path);
}
