import { TuringPiError } from '@turingpi/foundation';

/** Everything that can be wrong with what is asked of a node, whatever its operating system. */
export type ProvisioningErrorCode =
  | 'ACTION_INPUT_INVALID'
  | 'ADDRESS_IN_USE'
  | 'CATALOG_UNREADABLE'
  | 'COMMANDS_IMPOSSIBLE'
  | 'CREDENTIAL_UNREADABLE'
  | 'FILE_OWNER_UNKNOWN'
  | 'FIRST_LOGIN_IMPOSSIBLE'
  | 'FOLDER_UNREADABLE'
  | 'IMAGE_OF_OTHER_NODE'
  | 'LOCAL_FILE_NOT_FOUND'
  | 'LOGIN_IMPOSSIBLE'
  | 'LOCAL_FILE_UNWRITABLE'
  | 'LOGIN_MISSING'
  | 'MODULE_NOTED_OTHERWISE'
  | 'NETWORK_REVERTED'
  | 'NETWORK_UNDECIDED'
  | 'NODE_FILE_MISSING'
  | 'NODE_FILE_UNREADABLE'
  | 'NODE_NOT_INSTALLED'
  | 'NODE_PATH_TAKEN'
  | 'NODE_UNHEALTHY'
  | 'SSH_KEYS_NOT_FETCHED'
  | 'SSH_KEYS_UNAVAILABLE'
  | 'STRATEGY_UNKNOWN'
  | 'STRATEGY_TARGET_UNKNOWN'
  | 'TEMPLATE_INVALID'
  | 'WAIT_TIMEOUT';

/** What was asked of a node cannot be, or what it needs is not there. */
export class ProvisioningError extends TuringPiError<ProvisioningErrorCode> {}
