import assert from 'node:assert/strict';
import type { FleetEvent } from '../orchestrator/fleet-event.js';
import type { RolloutStatus } from '../orchestrator/fleet-status.js';
import type { Orchestrator } from '../orchestrator/orchestrator.js';
import type { OrchestratorCase } from './orchestrator-case.js';
import type { OrchestratorSubject } from './orchestrator-subject.js';
import { ScriptedSteps } from './scripted-steps.js';

const PATIENCE_MS = 60_000;

/** What one case has: an orchestrator with agents on the sites `here` and `there`, and what is asked of it often. */
export interface OrchestratorTrial {
  readonly orchestrator: Orchestrator;
  readonly steps: ScriptedSteps;
  /** Of the site `there`. */
  readonly thereSteps: ScriptedSteps;
  readonly signal: AbortSignal;
  readonly ended: (id: string) => Promise<RolloutStatus>;
  readonly events: (id: string, after?: number) => Promise<readonly FleetEvent[]>;
  /** Waits until an event fits. */
  readonly until: (id: string, fits: (event: FleetEvent) => boolean) => Promise<FleetEvent>;
}

/** Makes cases of functions that get a fresh trial each. */
export function trialOn(
  subject: OrchestratorSubject,
): (name: string, work: (trial: OrchestratorTrial) => Promise<void>) => OrchestratorCase {
  return (name, work) => ({
    name,
    run: async () => {
      const steps = new ScriptedSteps();
      const thereSteps = new ScriptedSteps();
      await using opened = await subject.open([
        { id: 'agent-here', site: 'here', steps },
        { id: 'agent-there', site: 'there', steps: thereSteps },
      ]);
      const signal = AbortSignal.timeout(PATIENCE_MS);
      const { orchestrator } = opened;
      try {
        await work({
          ...{ orchestrator, steps, thereSteps, signal },
          ended: (id) => orchestrator.ended(id, signal),
          events: async (id, after = 0) => {
            const events: FleetEvent[] = [];
            for await (const event of orchestrator.events(id, { after, signal })) events.push(event);
            return events;
          },
          until: async (id, fits) => {
            for await (const event of orchestrator.events(id, { after: 0, signal }))
              if (fits(event)) return event;
            return assert.fail(`the rollout ${id} ended before that happened`);
          },
        });
      } finally {
        steps.release();
        thereSteps.release();
      }
    },
  });
}
