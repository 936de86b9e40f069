interface CleanupStep {
  readonly label: string;
  readonly run: () => PromiseLike<void> | void;
}

/**
 * What has to be undone, last opened first; it goes on after a step that failed.
 *
 * @remarks Node 20 has no `AsyncDisposableStack`. Steps never get the caller's `AbortSignal`: they are needed most
 * when it has fired.
 */
export class CleanupStack implements AsyncDisposable {
  #pending: CleanupStep[] = [];

  /** Adds a step; `label` names it in the error when it fails. */
  defer(label: string, run: () => PromiseLike<void> | void): void {
    this.#pending.push({ label, run });
  }

  /** Adds the disposal of a resource and returns the resource. */
  use<T extends AsyncDisposable>(label: string, resource: T): T {
    this.defer(label, () => resource[Symbol.asyncDispose]());
    return resource;
  }

  /** Hands everything opened so far to the caller; this stack then has nothing left to undo. */
  move(): CleanupStack {
    const next = new CleanupStack();
    [next.#pending, this.#pending] = [this.#pending, []];
    return next;
  }

  /** @throws AggregateError when one or more steps failed, after all of them ran. */
  async [Symbol.asyncDispose](): Promise<void> {
    const failures: Error[] = [];
    for (let step = this.#pending.pop(); step; step = this.#pending.pop()) {
      try {
        await step.run();
      } catch (cause) {
        failures.push(new Error(`cleanup failed: ${step.label}`, { cause }));
      }
    }
    if (failures.length > 0)
      throw new AggregateError(failures, `${String(failures.length)} cleanup step(s) failed`);
  }
}
