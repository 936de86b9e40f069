import type { PhaseRecord } from '../state/state-document.js';
import type { RecordChange } from '../state/state-store.js';
import { defined } from './defined.js';
import type { Failure } from './describe-failure.js';

/**
 * The record of a phase that failed. An installation whose disk was not touched leaves the finished one standing.
 *
 * @param at - ISO 8601
 */
export function failedRecord(error: Failure, at: string): RecordChange {
  return (current) => {
    const { input_hash, inputs, erased, voided, generation, previous, done_before, tried, written } =
      current ?? {};
    if (previous !== undefined && erased !== true)
      return { ...(previous as unknown as PhaseRecord), ...defined({ tried }), error: { ...error } };
    return {
      ...defined({ input_hash, inputs, erased, voided, generation, done_before, written }),
      status: 'failed',
      timestamp: at,
      error: { ...error },
    };
  };
}

/** Whether a failure before anything was begun is recorded: it changes no record that says what is there. */
export function isMarkedByEarlyFailure(record: PhaseRecord | undefined): boolean {
  if (record === undefined || record.status === 'pending') return record?.erased !== true;
  return record.status !== 'completed';
}
