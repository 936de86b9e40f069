import type { Histogram, MeterProvider } from '@opentelemetry/api';
import type { BoardState, FleetStatus, ObservedStep } from '@turingpi/fleet/orchestrator';
import type { SpanOutcome } from '../span-change.js';

const STATES: readonly BoardState[] = [
  ...(['waiting', 'running', 'completed', 'failed', 'cancelled', 'not started'] as const),
];
/** An agent that waits for work gives a sign once a minute. */
const SILENT_AFTER_MS = 90_000;

/** What is counted and measured in a fleet. */
export class FleetMetrics {
  readonly #durations: Histogram;

  constructor(
    private readonly fleet: string,
    private readonly provider: MeterProvider,
  ) {
    this.#durations = this.#meter.createHistogram('turingpi.fleet.step.duration', {
      description: 'how long a step of a node took an agent',
      unit: 's',
      advice: { explicitBucketBoundaries: [1, 5, 15, 30, 60, 120, 300, 600, 1200, 3600] },
    });
  }

  step({ site, agent, step }: ObservedStep, outcome: SpanOutcome, seconds: number): void {
    const where = { 'turingpi.fleet': this.fleet, 'turingpi.site': site, 'turingpi.agent': agent };
    this.#durations.record(seconds, { ...where, 'turingpi.step': step, 'turingpi.outcome': outcome });
  }

  /** Counts boards, agents and rollouts whenever metrics are sent; while nobody can be asked there are no counts. */
  count(status: () => Promise<FleetStatus>): void {
    const fleet = { 'turingpi.fleet': this.fleet };
    const gauge = (name: string, unit: string, description: string) =>
      this.#meter.createObservableGauge(`turingpi.fleet.${name}`, { unit, description });
    const boards = gauge('boards', '{board}', 'boards by what the newest rollout has made of them');
    const agents = gauge('agents', '{agent}', 'agents that gave a sign of life in the last 90 s');
    const rollouts = gauge('rollouts', '{rollout}', 'rollouts that go on');
    this.#meter.addBatchObservableCallback(
      async (result) => {
        const now = await status();
        const states = [...stateOfEach(now).values()];
        for (const state of STATES)
          result.observe(boards, states.filter((each) => each === state).length, {
            ...{ ...fleet, 'turingpi.state': state },
          });
        const alive = now.agents.filter(({ seenAt }) => Date.now() - Date.parse(seenAt) < SILENT_AFTER_MS);
        for (const site of new Set(now.agents.map((agent) => agent.site)))
          result.observe(agents, alive.filter((agent) => agent.site === site).length, {
            ...{ ...fleet, 'turingpi.site': site },
          });
        result.observe(rollouts, now.rollouts.filter(({ outcome }) => outcome === undefined).length, fleet);
      },
      [boards, agents, rollouts],
    );
  }

  get #meter() {
    return this.provider.getMeter('@turingpi/telemetry');
  }
}

function stateOfEach({ rollouts }: FleetStatus): ReadonlyMap<string, BoardState> {
  return new Map(rollouts.flatMap(({ boards }) => boards.map(({ board, state }) => [board, state] as const)));
}
