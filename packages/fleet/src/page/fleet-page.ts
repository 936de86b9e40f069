import { setTimeout as wait } from 'node:timers/promises';
import type { Dashboard } from '@turingpi/dashboard';
import type { Orchestrator } from '../orchestrator/orchestrator.js';
import type { ViewedFleet } from './fleet-view-of.js';
import { PolledFleet } from './polled-fleet.js';

/** So long those who look are waited for at the end, that they get the last picture. */
const LAST_LOOK_MS = 3000;
/** What is stopped is looked at until it has stopped: only disposing ends the page. */
const NEVER = new AbortController().signal;

/** The page of a fleet on this computer; disposed, it shows how things stand, and ends. */
export class FleetPage implements AsyncDisposable {
  private constructor(
    private readonly source: PolledFleet,
    private readonly dashboard: Dashboard,
  ) {}

  /** @throws DashboardError */
  static async serve(
    fleet: ViewedFleet,
    orchestrator: Orchestrator,
    port: number | undefined,
  ): Promise<FleetPage> {
    const { serveFleet } = await import('@turingpi/dashboard'); // only who looks needs it
    const source = new PolledFleet(fleet, orchestrator);
    const options = { source, signal: NEVER, ...(port === undefined ? {} : { port }) };
    return new FleetPage(source, await serveFleet(options));
  }

  /** Opens the page once, in one tab of a browser. */
  get url(): string {
    return this.dashboard.url;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.source.end();
    await Promise.race([this.dashboard.ended, wait(LAST_LOOK_MS, undefined, { ref: false })]);
    await this.dashboard[Symbol.asyncDispose]();
  }
}
