import { setTimeout as sleep } from 'node:timers/promises';
import type { RunStore } from '@turingpi/core';
import type { Dashboard } from '@turingpi/dashboard';

/** So long those who look are waited for at the end of a run, that they get its last events. */
const LAST_EVENTS_MS = 3000;

/** A run that is stopped is looked at until it has stopped: only disposing ends the page. */
const NEVER = new AbortController().signal;

/** The page of the run of this process: served from when the run has its name until those who look have seen its end. */
export class RunPage implements AsyncDisposable {
  #served: Promise<Dashboard | undefined> = Promise.resolve(undefined);

  /** @param note - tells the address of the page, or why there is none: the run goes on without */
  constructor(
    private readonly runs: RunStore,
    private readonly note: (text: string) => void,
  ) {}

  begin(id: string): void {
    this.#served = this.#serve(id).catch((error: unknown) => {
      this.note(`the run has no page: ${error instanceof Error ? error.message : String(error)}`);
      return undefined;
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const dashboard = await this.#served;
    if (dashboard === undefined) return;
    await Promise.race([dashboard.ended, sleep(LAST_EVENTS_MS, undefined, { ref: false })]);
    await dashboard[Symbol.asyncDispose]();
  }

  async #serve(id: string): Promise<Dashboard> {
    const { serveRun } = await import('./serve-run.js');
    const dashboard = await serveRun(this.runs, id, { signal: NEVER });
    this.note(`watch it (the address opens once, in one browser): ${dashboard.url}`);
    return dashboard;
  }
}
