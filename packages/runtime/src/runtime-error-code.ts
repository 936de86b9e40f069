/** Everything that can go wrong where commands run: on this machine, or on a node over SSH. */
export type RuntimeErrorCode =
  // commands, local and remote
  | 'COMMAND_FAILED'
  | 'COMMAND_TIMEOUT'
  | 'COMMAND_STILL_RUNNING'
  | 'COMMAND_NOT_FOUND'
  | 'COMMAND_INVALID'
  // reaching a node
  | 'SSH_UNREACHABLE'
  | 'SSH_TIMEOUT'
  | 'SSH_PROTOCOL'
  | 'SSH_CONNECTION_LOST'
  | 'SSH_CHANNEL_REFUSED'
  | 'SSH_HOST_KEY_MISMATCH'
  | 'SSH_HOST_KEY_UNKNOWN'
  | 'SSH_AUTH_REFUSED'
  | 'SSH_AUTH_MISSING'
  // being somebody there
  | 'SSH_PASSWORD_EXPIRED'
  | 'SSH_PASSWORD_CHANGE_FAILED'
  | 'SSH_NO_SHELL'
  | 'SSH_SUDO_REFUSED'
  | 'SSH_SUDO_MISSING'
  | 'SSH_SUDO_NEEDS_TTY'
  // files
  | 'SSH_FILE_NOT_FOUND'
  | 'SSH_FILE_DENIED'
  | 'SSH_FILE_FAILED'
  | 'LOCAL_FILE_UNREADABLE'
  | 'LOCAL_FILE_UNWRITABLE'
  // keys
  | 'SSH_PUBLIC_KEY_INVALID'
  | 'SSH_PRIVATE_KEY_GIVEN'
  | 'SSH_PRIVATE_KEY_INVALID'
  // prompts
  | 'DIALOGUE_TIMEOUT'
  | 'DIALOGUE_ENDED'
  | 'DIALOGUE_STUCK';
