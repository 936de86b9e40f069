import { CleanupStack, type Logger } from '@turingpi/core/plugin';
import { discoverObjects } from '@turingpi/core';
import type { Fleet } from '../fleet-file/load-fleet.js';
import type { StepResult } from '../orchestrator/board-steps.js';
import type { FleetEvent } from '../orchestrator/fleet-event.js';
import type { FleetStatus } from '../orchestrator/fleet-status.js';
import {
  FLEET_OBSERVERS,
  type FleetObserverRequest,
  type ObservedFleet,
  type ObservedStep,
} from './fleet-observer.js';

/** All that hear of a fleet in this process. They observe: what they throw is logged, and changes nothing. */
export class FleetObservers implements AsyncDisposable {
  private constructor(
    private readonly observers: readonly ObservedFleet[],
    private readonly logger: Logger,
  ) {}

  /** Begins to tell those that are installed beside the fleet file. */
  static async beside(
    { name: fleet, file: { baseDir } }: Fleet,
    { environment, logger }: Pick<FleetObserverRequest, 'environment' | 'logger'>,
  ): Promise<FleetObservers> {
    const { extensions } = await discoverObjects(FLEET_OBSERVERS, { baseDir, programDir: undefined });
    const observers: ObservedFleet[] = [];
    for (const { extension, plugin } of extensions)
      try {
        const observed = await extension.observe({ fleet, environment, logger });
        if (observed !== undefined) observers.push(observed);
      } catch (err) {
        logger.warn({ err, plugin }, 'a plugin cannot observe the fleet');
      }
    return new FleetObservers(observers, logger);
  }

  begin(rollout: string): string | undefined {
    const traces = this.observers.map((one) => this.#tell(() => one.begin(rollout)));
    return traces.find((trace) => trace !== undefined);
  }

  hear(event: FleetEvent): void {
    for (const one of this.observers) this.#tell(() => one.hear(event));
  }

  ask(status: () => Promise<FleetStatus>): void {
    for (const one of this.observers) this.#tell(() => one.ask(status));
  }

  /** @throws What the work throws. */
  during(step: ObservedStep, work: () => Promise<StepResult>): Promise<StepResult> {
    return this.observers.reduce((inner, one) => () => one.during(step, inner), work)();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await using cleanup = new CleanupStack();
    for (const one of this.observers) cleanup.use('observer', one);
  }

  #tell<T>(what: () => T): T | undefined {
    try {
      return what();
    } catch (err) {
      this.logger.warn({ err }, 'an observer of the fleet failed');
      return undefined;
    }
  }
}
