import { Context } from '@temporalio/activity';
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { type StepContext, stepFailureOf, type StepProgress } from '@turingpi/fleet/orchestrator';

/** Several signs of life within the time after which an agent is taken for dead; Temporal is told of no more than those. */
const BEATS = 8;
const BEAT_AT_MOST_MS = 5000;

/**
 * Does something as an activity: gives signs of life with its progress, and stops it when somebody cancels.
 *
 * @remarks That Temporal has given an attempt up, or knows of it no more, is no reason to stop: Temporal may have been away
 * for longer than its time-out. The lease decides, and a step that has lost its lease stops by itself.
 */
export async function inActivity<T>(work: (context: StepContext) => Promise<T>): Promise<T> {
  const activity = Context.current();
  const { heartbeatTimeoutMs } = activity.info;
  const stop = new AbortController();
  const hear = () => {
    if (activity.cancellationDetails?.cancelRequested === true)
      stop.abort(activity.cancellationSignal.reason);
  };
  activity.cancellationSignal.addEventListener('abort', hear);
  if (activity.cancellationSignal.aborted) hear();
  let last: StepProgress | undefined;
  const beat = () => activity.heartbeat(last);
  const beatMs = Math.min((heartbeatTimeoutMs ?? Infinity) / BEATS, BEAT_AT_MOST_MS);
  const beats = heartbeatTimeoutMs === undefined ? undefined : setInterval(beat, beatMs);
  if (beats !== undefined) beat();
  try {
    return await work({ signal: stop.signal, heartbeat: (progress) => (last = progress) });
  } catch (error) {
    if (stop.signal.aborted) throw new CancelledFailure('it was cancelled');
    const failure = stepFailureOf(error);
    throw ApplicationFailure.create({
      type: failure.code,
      message: failure.message,
      nonRetryable: true, // whether it is tried again is decided by the workflow
      details: [failure],
    });
  } finally {
    clearInterval(beats);
    activity.cancellationSignal.removeEventListener('abort', hear);
  }
}
