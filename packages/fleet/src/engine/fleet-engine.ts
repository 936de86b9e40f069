import {
  defineExtensionPoint,
  type Extension,
  type ExtensionPoint,
  type Logger,
  type StandardSchema,
} from '@turingpi/core/plugin';
import type { BoardSteps } from '../orchestrator/board-steps.js';
import type { Orchestrator } from '../orchestrator/orchestrator.js';
import type { SiteLimits } from '../orchestrator/rollout.js';

declare module '@turingpi/core/plugin' {
  interface Contributions {
    fleetEngines: FleetEngine;
  }
}

/** What an engine of a fleet is opened with. */
export interface FleetEngineRequest {
  /** Name of the fleet. */
  readonly fleet: string;
  /** What the fleet file says of the engine, as its schema made it. */
  readonly settings: unknown;
  /** Where relative paths in the settings start. */
  readonly baseDir: string;
  /** Environment for secrets in the settings that are given as `{ env: NAME }`. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly logger: Logger;
}

/** What an agent serves its site with. */
export interface FleetAgentRequest extends FleetEngineRequest {
  /** Names this agent, unlike all others of its site. */
  readonly id: string;
  readonly site: string;
  /** What the site does side by side. */
  readonly limits: SiteLimits;
  readonly steps: BoardSteps;
}

/** Something of an engine that works in this process. Disposed, it takes nothing new, and ends what it does. */
export interface FleetWorkers extends AsyncDisposable {
  /** Resolves when it has ended; rejects when it could not go on. */
  readonly ended: Promise<void>;
}

/** A server that carries rollouts, which the fleet file chooses with `engine: { ID: … }`. */
export interface FleetEngine extends Extension {
  /** One sentence about what carries rollouts then. */
  readonly summary: string;
  /** The schema of what is written below `engine: { ID: … }`. */
  readonly settings: StandardSchema;
  /** Says, plans and steers; runs nothing. */
  connect(request: FleetEngineRequest): Promise<Orchestrator>;
  /** Has this process do the steps of a site's boards. It only connects outward. */
  startAgent(request: FleetAgentRequest): Promise<FleetWorkers>;
  /** Has this process decide what is next. Any number may run. */
  startController(request: FleetEngineRequest): Promise<FleetWorkers>;
  /**
   * Starts a server of its own for a demonstration, which listens on this computer only; missing where there is no such.
   *
   * @throws FleetError `FLEET_PROGRAM_MISSING`
   */
  startDemoServer?(request: DemoServerRequest): Promise<DemoServer>;
}

/** What a server for a demonstration is started with. */
export interface DemoServerRequest {
  /** What it keeps is kept there. */
  readonly directory: string;
  readonly environment: FleetEngineRequest['environment'];
  readonly signal: AbortSignal;
}

/** A server for a demonstration; disposed, it is gone. */
export interface DemoServer extends AsyncDisposable {
  /** What is written below `engine: { ID: … }` to use it. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** Where its own page is, if it has one. */
  readonly page?: string;
}

/** The extension point for engines of fleets. Contributed as objects: there is no cluster. */
export const FLEET_ENGINES: ExtensionPoint<FleetEngine> = defineExtensionPoint<FleetEngine>({
  key: 'fleetEngines',
  title: 'engine of a fleet',
  objectsOnly: true,
});
