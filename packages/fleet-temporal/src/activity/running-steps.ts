import type { StepContext, StepProgress, StepResult } from '@turingpi/fleet/orchestrator';

interface RunningStep {
  readonly result: Promise<StepResult>;
  readonly stop: AbortController;
  readonly listeners: Set<(progress: StepProgress) => void>;
}

/**
 * The steps that run in this process. Temporal gives an attempt up when it has heard nothing for long, as after it was away
 * itself, and has it done again: the next attempt joins the one that goes on, rather than to do it beside it.
 */
export class RunningSteps {
  readonly #running = new Map<string, RunningStep>();

  /**
   * Does a step, or waits for the one of this name that runs.
   *
   * @param context - of this attempt; when its signal fires the step stops, whichever attempt began it
   */
  async join(
    name: string,
    context: StepContext,
    work: (context: StepContext) => Promise<StepResult>,
  ): Promise<StepResult> {
    const running = this.#running.get(name) ?? this.#begin(name, work);
    const hear = (progress: StepProgress) => context.heartbeat(progress);
    const stop = () => running.stop.abort(context.signal.reason);
    running.listeners.add(hear);
    context.signal.addEventListener('abort', stop);
    if (context.signal.aborted) stop();
    try {
      return await running.result;
    } finally {
      running.listeners.delete(hear);
      context.signal.removeEventListener('abort', stop);
    }
  }

  #begin(name: string, work: (context: StepContext) => Promise<StepResult>): RunningStep {
    const stop = new AbortController();
    const listeners = new Set<(progress: StepProgress) => void>();
    const heartbeat = (progress: StepProgress) => listeners.forEach((hear) => hear(progress));
    // Not at once: who has begun it wants to hear of its beginning.
    const result = Promise.resolve()
      .then(() => work({ signal: stop.signal, heartbeat }))
      .finally(() => this.#running.delete(name));
    result.catch(() => undefined); // told to those who wait
    const running = { result, stop, listeners };
    this.#running.set(name, running);
    return running;
  }
}
