import { verify } from 'node:crypto';
import type { Erasure } from '@turingpi/foundation';
import { FleetError } from '../orchestrator/fleet-error.js';
import type { ApprovalStatement } from '../orchestrator/signed-approval.js';
import { operatorKeyOf } from './operator-key.js';
import { approvalSchema } from './approval-schema.js';
import { signedBytes } from './sign-approval.js';

/** What an approval has to be for. */
export interface ApprovalQuestion {
  readonly fleet: string;
  /** Ed25519 public keys of those who may approve, by name. */
  readonly operators: ReadonlyMap<string, string>;
  readonly board: string;
  readonly node: ApprovalStatement['node'];
  /** Digest of what the node would become now. */
  readonly plan: string;
  readonly now: Date;
}

/**
 * Checks an approval that somebody brought.
 *
 * @returns What it says: the keys that the signature covers, and no others.
 * @throws FleetError `APPROVAL_MISSING`, `APPROVAL_INVALID` for what is none or was changed, `APPROVAL_UNKNOWN_OPERATOR`,
 * `APPROVAL_FOREIGN` for that of another fleet, board or node, `APPROVAL_EXPIRED`, `APPROVAL_OUTDATED` for that of another
 * plan
 */
export function checkApproval(approval: unknown, question: ApprovalQuestion): ApprovalStatement {
  const { fleet, operators, board, node, plan, now } = question;
  const place = `node ${node} of ${board}`;
  if (approval === undefined)
    throw new FleetError('APPROVAL_MISSING', `nobody has approved that the disk of ${place} is erased`, {
      hint: `\`turingpi fleet approve ${board}\` signs an approval.`,
    });
  const parsed = approvalSchema.safeParse(approval);
  if (!parsed.success) throw invalid(place, 'is not readable');
  const { signature } = parsed.data;
  const statement = parsed.data.statement as ApprovalStatement;
  const { operator } = statement;
  const key = operatorKeyOf(operators.get(operator) ?? '');
  if (key === undefined)
    throw new FleetError(
      'APPROVAL_UNKNOWN_OPERATOR',
      `the approval for ${place} is by nobody who may approve`,
      {
        hint: 'The fleet file lists them under `operators`, also that of the agent.',
        details: { operator },
      },
    );
  if (!verify(null, signedBytes(statement), key, Buffer.from(signature, 'base64')))
    throw invalid(place, `was not signed by ${operator}, or was changed since`);
  if (statement.fleet !== fleet || statement.board !== board || statement.node !== node)
    throw new FleetError('APPROVAL_FOREIGN', `the approval is for another disk than that of ${place}`, {
      hint: APPROVE_AGAIN,
      details: { fleet: statement.fleet, board: statement.board, node: statement.node },
    });
  if (now >= new Date(statement.until))
    throw new FleetError('APPROVAL_EXPIRED', `the approval for ${place} was good until ${statement.until}`, {
      hint: APPROVE_AGAIN,
    });
  if (statement.plan !== plan)
    throw outdated(`${place} would become something else than what ${operator} has approved`);
  return statement;
}

/** How bad it would be to be wrong about a disk, as core weighs it. */
const WEIGHT = { interrupted: 0, new: 0, unknown: 1, installed: 2 } as const;

/**
 * Sees to it that the disk at hand is the one that was approved, and no more is known of it than then.
 *
 * @param installation - the one that stands now
 * @throws FleetError `APPROVAL_FOREIGN`, `APPROVAL_OUTDATED`
 */
export function checkErasure(
  statement: ApprovalStatement,
  erasure: Pick<Erasure, 'board' | 'disk' | 'evidence' | 'hostname'>,
  installation: string | undefined,
): void {
  const { identity, disk, evidence } = statement;
  const isOtherBoard = identity !== undefined && erasure.board !== undefined && identity !== erasure.board;
  if (isOtherBoard || disk !== erasure.disk)
    throw new FleetError(
      'APPROVAL_FOREIGN',
      `the approval is for another disk than the ${erasure.disk} of ${erasure.hostname}`,
      {
        hint: APPROVE_AGAIN,
      },
    );
  if (WEIGHT[erasure.evidence] > WEIGHT[evidence])
    throw outdated(
      `more is known of ${erasure.hostname} by now: ${erasure.evidence}, and ${evidence} was approved`,
    );
  if (erasure.evidence === 'installed' && installation !== statement.installation)
    throw outdated(`${erasure.hostname} was installed anew since that was approved`);
}

const APPROVE_AGAIN = 'Make a plan again with `turingpi fleet plan`, and approve that.';

function invalid(place: string, why: string): FleetError {
  return new FleetError('APPROVAL_INVALID', `the approval for ${place} ${why}`, { hint: APPROVE_AGAIN });
}

function outdated(message: string): FleetError {
  return new FleetError('APPROVAL_OUTDATED', message, { hint: APPROVE_AGAIN });
}
