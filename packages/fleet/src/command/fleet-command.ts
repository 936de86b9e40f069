import type { CommandContext, ContributedCommand } from '@turingpi/cli/plugin';
import { didYouMean } from '@turingpi/core/plugin';
import { runFleetDemo } from '../demo/run-demo.js';
import { FleetError } from '../orchestrator/fleet-error.js';
import { adoptBoard } from './adopt-board.js';
import { approveFleet } from './approve-fleet.js';
import { FLEET_OPTIONS, type FleetWords, fleetWords } from './fleet-words.js';
import { makeOperatorKey } from './make-operator-key.js';
import { planFleet } from './plan-fleet.js';
import { runAgent } from './run-agent.js';
import { runController } from './run-controller.js';
import { runFleet } from './run-fleet.js';
import { cancelRollout, drainSite, listAgents, tellFleetStatus } from './steer-fleet.js';
import { watchFleet } from './watch-fleet.js';

/** What `turingpi fleet <verb>` does. */
const VERBS: Readonly<Record<string, (context: CommandContext, words: FleetWords) => Promise<number>>> = {
  plan: planFleet,
  approve: approveFleet,
  up: runFleet,
  reinstall: runFleet,
  adopt: adoptBoard,
  status: tellFleetStatus,
  watch: watchFleet,
  agents: listAgents,
  cancel: cancelRollout,
  drain: drainSite,
  key: makeOperatorKey,
  agent: runAgent,
  controller: runController,
  demo: runFleetDemo,
};

/** `turingpi fleet`: plans, approves and carries out work on the boards of a fleet file. */
export const fleetCommand: ContributedCommand = {
  id: 'fleet',
  summary: 'plan, approve and roll out many boards on many sites (experimental)',
  examples: [
    'turingpi fleet key ada.pem',
    'turingpi fleet plan --labels stage=canary -o plan.json',
    'turingpi fleet approve plan.json --operator ada --key ada.pem -o approvals.json',
    'turingpi fleet up plan.json --approvals approvals.json',
    'turingpi fleet reinstall plan.json --approvals approvals.json',
    'turingpi fleet adopt rack1 --fingerprint SHA256:u3BfxU2…',
    'turingpi fleet status',
    'turingpi fleet watch',
    'turingpi fleet watch --page',
    'turingpi fleet agents --json',
    'turingpi fleet cancel 20260102T030405.678Z',
    'turingpi fleet drain north',
    'turingpi fleet drain north --resume',
    'turingpi fleet controller',
    'turingpi fleet demo',
    'turingpi fleet agent --site north',
  ],
  arguments: [
    { usage: '<verb>', summary: Object.keys(VERBS).join(', ') },
    {
      usage: '[what]',
      summary:
        'the plan, of up, reinstall and approve; the new file, of key; the rollout, of status, watch and cancel; the site, of drain; the board, of adopt',
    },
  ],
  options: FLEET_OPTIONS,
  run: async (context) => {
    const [verb = ''] = context.args;
    const work = Object.hasOwn(VERBS, verb) ? VERBS[verb] : undefined;
    if (work === undefined)
      throw new FleetError(
        'FLEET_USAGE',
        `there is no \`turingpi fleet ${verb}\`${didYouMean(verb, Object.keys(VERBS))}`,
        {
          hint: `There is: ${Object.keys(VERBS).join(', ')}.`,
        },
      );
    return work(context, fleetWords(context));
  },
};
