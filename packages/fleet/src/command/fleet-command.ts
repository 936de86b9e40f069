import type { CommandContext, ContributedCommand } from '@turingpi/cli/plugin';
import { FleetError } from '../orchestrator/fleet-error.js';
import { approveFleet } from './approve-fleet.js';
import { FLEET_OPTIONS, type FleetWords, fleetWords } from './fleet-words.js';
import { makeOperatorKey } from './make-operator-key.js';
import { planFleet } from './plan-fleet.js';
import { runFleet } from './run-fleet.js';

/** What `turingpi fleet <verb>` does. */
const VERBS: Readonly<Record<string, (context: CommandContext, words: FleetWords) => Promise<number>>> = {
  plan: planFleet,
  approve: approveFleet,
  up: runFleet,
  reinstall: runFleet,
  key: makeOperatorKey,
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
  ],
  arguments: [
    { usage: '<verb>', summary: Object.keys(VERBS).join(', ') },
    { usage: '[file]', summary: 'the plan, of up, reinstall and approve; the new file, of key' },
  ],
  options: FLEET_OPTIONS,
  run: async (context) => {
    const [verb = ''] = context.args;
    const work = Object.hasOwn(VERBS, verb) ? VERBS[verb] : undefined;
    if (work === undefined)
      throw new FleetError('FLEET_USAGE', `there is no \`turingpi fleet ${verb}\``, {
        hint: `There is: ${Object.keys(VERBS).join(', ')}.`,
      });
    return work(context, fleetWords(context));
  },
};
