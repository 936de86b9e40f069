import { type KeyObject, sign } from 'node:crypto';
import { hashInputs } from '@turingpi/core/plugin';
import type { ApprovalStatement, SignedApproval } from '../orchestrator/signed-approval.js';

/** Signs what an operator allows. */
export function signApproval(statement: ApprovalStatement, privateKey: KeyObject): SignedApproval {
  return { statement, signature: sign(null, signedBytes(statement), privateKey).toString('base64') };
}

/** What the signature is over: what it is for, so that it can be taken for nothing else, and the digest of all keys. */
export function signedBytes(statement: ApprovalStatement): Buffer {
  return Buffer.from(`turingpi fleet approval\n${hashInputs({ ...statement })}\n`);
}
