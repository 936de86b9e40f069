import type { Attributes } from '@opentelemetry/api';

/**
 * Where a span is: the run, then the node, then the phase, then the action, as far as it goes. The span of a path is the
 * parent of those whose paths begin with it.
 */
export type SpanPath = readonly string[];

/** How that ended which a span is about; `unfinished` where nothing was said of its end. */
export type SpanOutcome =
  'completed' | 'skipped' | 'replayed' | 'failed' | 'blocked' | 'incomplete' | 'aborted' | 'unfinished';

/** Why something did not complete. */
export interface SpanFailure {
  readonly code: string;
  readonly message: string;
}

interface ChangeOfSpan {
  readonly path: SpanPath;
  /** Of the span, or of the remark. */
  readonly name: string;
  readonly at: Date;
  readonly attributes?: Attributes;
}

/** What an event does to the spans of its run. */
export type SpanChange =
  | (ChangeOfSpan & {
      /** It begins; one that has begun already is told more about. */
      readonly does: 'begin';
      /** It began so many milliseconds before `at`. */
      readonly agoMs?: number;
    })
  | (ChangeOfSpan & {
      /** It ends, with all that is in it; one that nobody has begun begins first. */
      readonly does: 'end';
      readonly outcome: SpanOutcome;
      readonly failure?: SpanFailure;
      /** How long it took, for one that nobody has begun. */
      readonly durationMs?: number;
    })
  | (ChangeOfSpan & {
      /** Something happens in it, or, where it is not there, in what it would be in. */
      readonly does: 'remark';
    });
