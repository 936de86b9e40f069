import {
  defineExtensionPoint,
  type Extension,
  type ExtensionPoint,
  type Logger,
} from '@turingpi/core/plugin';
import type { StepName, StepResult, StepTask } from '../orchestrator/board-steps.js';
import type { FleetEvent } from '../orchestrator/fleet-event.js';
import type { FleetStatus } from '../orchestrator/fleet-status.js';

declare module '@turingpi/core/plugin' {
  interface Contributions {
    fleetObservers: FleetObserver;
  }
}

/** Hears of what a fleet does, as what makes traces of it does. */
export interface FleetObserver extends Extension {
  /** Begins to hear what this process does; undefined where it wants to hear nothing. */
  observe(request: FleetObserverRequest): Promise<ObservedFleet | undefined>;
}

export interface FleetObserverRequest {
  /** Name of the fleet. */
  readonly fleet: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly logger: Logger;
}

/** A step that an agent does. */
export type ObservedStep = Pick<StepTask, 'rollout' | 'board' | 'node' | 'trace'> & {
  readonly site: string;
  readonly agent: string;
  readonly step: StepName;
};

/** One process of a fleet, as an observer hears it. Disposed, it hears no more, and sends what it has. */
export interface ObservedFleet extends AsyncDisposable {
  /**
   * A rollout is about to be begun from here.
   *
   * @returns What its steps are part of, in whichever process: a `traceparent` of W3C Trace Context.
   */
  begin(rollout: string): string | undefined;
  /** Something happened in a rollout that was begun from here. */
  hear(event: FleetEvent): void;
  /** Has a step done, with what observes it around it. */
  during(step: ObservedStep, work: () => Promise<StepResult>): Promise<StepResult>;
  /** How things stand in the whole fleet can be asked from here. */
  ask(status: () => Promise<FleetStatus>): void;
}

/** The extension point for observers of fleets. Contributed as objects: there is no cluster. */
export const FLEET_OBSERVERS: ExtensionPoint<FleetObserver> = defineExtensionPoint<FleetObserver>({
  key: 'fleetObservers',
  title: 'observer of a fleet',
  objectsOnly: true,
});
