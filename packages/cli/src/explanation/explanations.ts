import { ACTION_CODES } from './action-codes.js';
import { APPROVAL_CODES } from './approval-codes.js';
import { BOARD_CODES } from './board-codes.js';
import { COMMAND_CODES } from './command-codes.js';
import { COMPUTER_CODES } from './computer-codes.js';
import { CONFIGURATION_CODES } from './configuration-codes.js';
import { DOWNLOAD_CODES } from './download-codes.js';
import type { ExplainedFamily, Explanation } from './explanation.js';
import { FINDING_CODES } from './finding-codes.js';
import { FLASH_CODES } from './flash-codes.js';
import { FLEET_CODES } from './fleet-codes.js';
import { IMAGE_CODES } from './image-codes.js';
import { NODE_CODES } from './node-codes.js';
import { RUN_CODES } from './run-codes.js';
import { STATE_CODES } from './state-codes.js';
import { SYSTEM_CODES } from './system-codes.js';

/** Every code that reaches a user, in the order of docs/errors.md, whose tables are made of this. */
export const EXPLANATIONS: readonly ExplainedFamily[] = [
  CONFIGURATION_CODES,
  BOARD_CODES,
  FLASH_CODES,
  FINDING_CODES,
  RUN_CODES,
  APPROVAL_CODES,
  NODE_CODES,
  SYSTEM_CODES,
  COMMAND_CODES,
  ACTION_CODES,
  IMAGE_CODES,
  DOWNLOAD_CODES,
  STATE_CODES,
  FLEET_CODES,
  COMPUTER_CODES,
];

/** What a code tells, and where it belongs; undefined for one that is not ours. */
export function explanationOf(code: string): (Explanation & { readonly family: string }) | undefined {
  const family = EXPLANATIONS.find(({ codes }) => Object.hasOwn(codes, code));
  const explanation = family?.codes[code];
  return family && explanation && { ...explanation, family: family.title };
}
