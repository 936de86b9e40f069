import type { StepName } from '../orchestrator/board-steps.js';
import type { Site } from '../orchestrator/rollout.js';
import type { Bell } from './bell.js';

/** What a step needs a place for. */
export interface PlaceRequest {
  readonly site: Site;
  readonly board: string;
  readonly step: StepName;
}

/** Gives out what steps share: what a site can do side by side, and the one installation of a board. */
export class Places {
  readonly #taken = new Map<string, number>();
  readonly #draining = new Set<string>();

  constructor(private readonly bell: Bell) {}

  get draining(): readonly string[] {
    return [...this.#draining];
  }

  isDraining(site: string): boolean {
    return this.#draining.has(site);
  }

  /** Gives out nothing on a site, or gives out again. */
  setDraining(site: string, draining: boolean): void {
    if (draining) this.#draining.add(site);
    else this.#draining.delete(site);
    this.bell.ring();
  }

  /**
   * Waits for all that a step needs.
   *
   * @returns Gives it back.
   * @throws The signal's reason.
   */
  async take(request: PlaceRequest, signal: AbortSignal): Promise<() => void> {
    const { site, board, step } = request;
    const needs = new Map([[`${site.id} ${step}`, site.limits[step]]]);
    if (step === 'install') needs.set(`board ${board}`, 1);
    while (this.isDraining(site.id) || [...needs].some(([name, most]) => this.#count(name) >= most)) {
      signal.throwIfAborted();
      await this.bell.rung({ signal });
    }
    signal.throwIfAborted();
    for (const name of needs.keys()) this.#taken.set(name, this.#count(name) + 1);
    return () => {
      for (const name of needs.keys()) this.#taken.set(name, this.#count(name) - 1);
      this.bell.ring();
    };
  }

  #count(name: string): number {
    return this.#taken.get(name) ?? 0;
  }
}
