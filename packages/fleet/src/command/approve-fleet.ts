import { readFile } from 'node:fs/promises';
import type { CommandContext } from '@turingpi/cli/plugin';
import { approvalFor } from '../approval/approval-for.js';
import { privateKeyOf, publicLineOf } from '../approval/operator-key.js';
import { signApproval } from '../approval/sign-approval.js';
import { loadFleet } from '../fleet-file/load-fleet.js';
import { FleetError } from '../orchestrator/fleet-error.js';
import type { SignedApproval } from '../orchestrator/signed-approval.js';
import { ofAnotherFleet, readFleetPlan } from './fleet-plan-file.js';
import { type FleetWords, needed } from './fleet-words.js';
import { writeNew } from './make-operator-key.js';

/** `turingpi fleet approve`: signs all that a plan erases, and says what that is. */
export async function approveFleet({ stdout, json }: CommandContext, words: FleetWords): Promise<number> {
  const plan = await readFleetPlan(needed(words.file, 'the plan'));
  const fleet = await loadFleet(words.fleet);
  const operator = needed(words.operator, '--operator');
  const key = privateKeyOf(await readKey(needed(words.key, '--key')));
  const out = needed(words.out, '-o');
  if (plan.fleet !== fleet.name) throw ofAnotherFleet(plan, fleet);
  if (key === undefined || fleet.operators.get(operator) !== publicLineOf(key))
    throw new FleetError(
      'APPROVAL_UNKNOWN_OPERATOR',
      `the key is not that of ${operator} in the fleet file`,
      {
        hint: '`turingpi fleet key FILE` makes a key, and says the line for `operators`.',
      },
    );
  const about = { fleet: plan.fleet, operator, now: new Date() };
  const approvals: SignedApproval[] = [];
  for (const [board, nodes] of Object.entries(plan.boards))
    for (const node of nodes.filter(({ erases }) => erases !== undefined)) {
      approvals.push(signApproval(approvalFor({ ...about, board, plan: node }), key));
      const { hostname, erases } = node;
      if (!json)
        stdout.write(
          `${board}/${node.node} ${hostname}: ${erases?.disk} (${erases?.evidence}): ${erases?.loss}\n`,
        );
    }
  await writeNew(out, `${JSON.stringify(approvals, null, 2)}\n`);
  if (json) stdout.write(`${JSON.stringify({ approvals: approvals.length, file: out })}\n`);
  return 0;
}

async function readKey(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    const { code = 'unknown' } = cause as NodeJS.ErrnoException;
    throw new FleetError('FLEET_FILE_FAILED', `the key ${file} cannot be read: ${code}`, {
      cause,
      hint: '`turingpi fleet key FILE` makes a key.',
    });
  }
}
