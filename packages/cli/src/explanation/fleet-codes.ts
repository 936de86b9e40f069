import type { ExplainedFamily } from './explanation.js';

/** Fleets: `packages/fleet`. */
export const FLEET_CODES: ExplainedFamily = {
  title: 'fleets',
  codes: {
    ROLLOUT_EXISTS: {
      means: 'a rollout of this id exists, and is about something else',
      cure: 'give the new one another id',
    },
    ROLLOUT_UNKNOWN: {
      means: 'the orchestrator knows no rollout of this id',
      cure: 'its status lists those that it knows',
    },
    ROLLOUT_INVALID: {
      means: 'no orchestrator can carry out what the rollout says; the message says why',
      cure: 'correct it: a rollout from a fleet file has no such fault',
    },
    AGENT_MISSING: {
      means: 'nobody serves the site of a board',
      cure: 'start an agent there',
    },
    STEP_FAILED: {
      means: 'an agent could not do what it was asked for; the message has its code and words',
      cure: "look up the agent's code; its log says more",
    },
  },
};
