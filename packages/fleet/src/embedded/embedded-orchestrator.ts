import { isDeepStrictEqual } from 'node:util';
import type { BoardSteps, NodePlan, PlanTask } from '../orchestrator/board-steps.js';
import { FleetError } from '../orchestrator/fleet-error.js';
import type { FleetEvent } from '../orchestrator/fleet-event.js';
import type { FleetStatus, RolloutStatus } from '../orchestrator/fleet-status.js';
import type { Orchestrator } from '../orchestrator/orchestrator.js';
import type { Rollout } from '../orchestrator/rollout.js';
import { stepFailureOf } from '../orchestrator/step-failure.js';
import { checkRollout } from '../rollout/check-rollout.js';
import { Bell } from './bell.js';
import { Places } from './places.js';
import { RolloutHistory } from './rollout-history.js';
import { RolloutRun } from './rollout-run.js';

/** An agent in this process. */
export interface EmbeddedAgent {
  readonly id: string;
  readonly site: string;
  readonly steps: BoardSteps;
}

export interface EmbeddedOrchestratorOptions {
  readonly agents: readonly EmbeddedAgent[];
  readonly now?: () => Date;
}

/**
 * The orchestrator that needs no server: it lives in this process, and ends with it.
 *
 * @remarks What was done is on record all the same: after a crash the same rollout, started anew under another id, skips
 * what stands. Disposed, it cancels what goes on and waits for that.
 */
export class EmbeddedOrchestrator implements Orchestrator {
  readonly #bell = new Bell();
  readonly #places = new Places(this.#bell);
  readonly #runs = new Map<string, RolloutRun>();
  readonly #turns = new Map<string, number>();
  readonly #now: () => Date;

  constructor(private readonly options: EmbeddedOrchestratorOptions) {
    this.#now = options.now ?? (() => new Date());
  }

  start(rollout: Rollout): Promise<void> {
    return Promise.resolve().then(() => this.#start(rollout));
  }

  status(): Promise<FleetStatus> {
    const seenAt = this.#now().toISOString();
    return Promise.resolve({
      rollouts: [...this.#runs.values()].map(({ history }) => history.status()),
      agents: this.options.agents.map(({ id, site }) => ({ id, site, seenAt })),
      draining: this.#places.draining,
    });
  }

  async ended(rollout: string, signal: AbortSignal): Promise<RolloutStatus> {
    return this.#run(rollout).history.ended(signal);
  }

  async cancel(rollout: string): Promise<void> {
    this.#run(rollout).cancel();
    return Promise.resolve();
  }

  drain(site: string): Promise<void> {
    this.#places.setDraining(site, true);
    return Promise.resolve();
  }

  resume(site: string): Promise<void> {
    this.#places.setDraining(site, false);
    return Promise.resolve();
  }

  async *events(
    rollout: string,
    { after, signal }: { readonly after: number; readonly signal: AbortSignal },
  ): AsyncIterable<FleetEvent> {
    yield* this.#run(rollout).history.events(after, signal);
  }

  async plan(site: string, task: PlanTask, signal: AbortSignal): Promise<readonly NodePlan[]> {
    const steps = this.#next(site);
    if (steps === undefined)
      throw new FleetError('AGENT_MISSING', `no agent serves the site ${site}`, {
        hint: 'Start an agent there.',
      });
    try {
      return await steps.plan(task, { signal, heartbeat: () => undefined });
    } catch (error) {
      if (signal.aborted && error === signal.reason) throw error;
      const { code, message, hint } = stepFailureOf(error);
      throw new FleetError('STEP_FAILED', `${task.board} could not be planned: ${message} (${code})`, {
        hint: hint ?? 'The log of the agent says more.',
        details: { board: task.board, code },
      });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const runs = [...this.#runs.values()];
    for (const run of runs) run.cancel();
    await Promise.all(runs.map((run) => run.over));
  }

  #start(rollout: Rollout): void {
    checkRollout(rollout);
    const known = this.#runs.get(rollout.id);
    if (known !== undefined && isDeepStrictEqual(known.history.rollout, rollout)) return;
    if (known !== undefined)
      throw new FleetError('ROLLOUT_EXISTS', `there is another rollout ${rollout.id} already`, {
        hint: 'Give this one another id.',
      });
    const history = new RolloutHistory(structuredClone(rollout), this.#bell, this.#now);
    const run = new RolloutRun({
      history,
      places: this.#places,
      bell: this.#bell,
      now: this.#now,
      isTaken: (board) =>
        [...this.#runs.values()].some(
          (one) => one.history !== history && one.history.boards.get(board) === 'running',
        ),
      stepsOf: (site, signal) => this.#stepsOf(site, signal),
    });
    this.#runs.set(rollout.id, run);
    run.begin();
  }

  #run(id: string): RolloutRun {
    const run = this.#runs.get(id);
    if (run !== undefined) return run;
    throw new FleetError('ROLLOUT_UNKNOWN', `there is no rollout ${id}`, {
      hint: 'The status lists those that are known.',
    });
  }

  async #stepsOf(site: string, signal: AbortSignal): Promise<BoardSteps> {
    for (;;) {
      signal.throwIfAborted();
      const steps = this.#next(site);
      if (steps !== undefined) return steps;
      await this.#bell.rung({ signal });
    }
  }

  /** The agents of a site take turns: what one fails at, the next one tries. */
  #next(site: string): BoardSteps | undefined {
    const agents = this.options.agents.filter((agent) => agent.site === site);
    const turn = this.#turns.get(site) ?? 0;
    this.#turns.set(site, turn + 1);
    return agents[turn % agents.length]?.steps;
  }
}
