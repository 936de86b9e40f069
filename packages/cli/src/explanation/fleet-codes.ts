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
    FLEET_ENGINE_UNREACHABLE: {
      means: 'Temporal does not answer at the address that is configured',
      cure: 'start it, or let connections from here to it pass; its certificate must be trusted here',
    },
    FLEET_KEY_INVALID: {
      means: 'a key of the fleet is not 32 bytes in base64',
      cure: 'make one with `openssl rand -base64 32`, and give it to the controller and to every agent',
    },
    FLEET_PAYLOAD_UNREADABLE: {
      means: 'what Temporal hands over is not encrypted, is damaged, or was encrypted with another key',
      cure: 'give all sides the same keys; after a change the one before stays in the list while rollouts run',
    },
  },
};
