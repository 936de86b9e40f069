export { describeCommand } from './command/command-failure.js';
export { type CommandSurroundings, quoteArgument, quoteCommand } from './command/quote-command.js';
export {
  type ConsoleLogin,
  consoleLoginRules,
  LOGIN_PROMPT,
  SHELL_PROMPT,
} from './dialogue/console-login.js';
export { type PasswordChange, passwordChangeRules } from './dialogue/password-prompts.js';
export {
  type DialogueOptions,
  type DialogueResult,
  type DialogueRule,
  runDialogue,
} from './dialogue/run-dialogue.js';
export type { TextChannel } from './dialogue/text-channel.js';
export { generateHostKeys, type HostKeyPair, type HostKeyType } from './keys/generate-host-keys.js';
export { type GeneratedKeyType, generateKeyPair, type SshKeyPair } from './keys/generate-key-pair.js';
export { KeyAgent } from './keys/key-agent.js';
export { checkPrivateKey } from './keys/check-private-key.js';
export { knownHostKeys } from './keys/known-hosts.js';
export { parsePrivateKey, type PrivateKey, publicHalfOf } from './keys/private-key.js';
export { fingerprintOf, parsePublicKey, type PublicKey, type PublicKeyType } from './keys/public-key.js';
export type { LocalRunOptions, LocalRuntime } from './local/local-runtime.js';
export { ProcessLocalRuntime } from './local/process-local-runtime.js';
export { RuntimeError, type RuntimeErrorCode } from './runtime-error.js';
export { downloadDirectory, type DownloadDirectoryOptions } from './ssh/download-directory.js';
export { agentSocket } from './ssh/agent-socket.js';
export { changeExpiredPassword, type ChangePasswordOptions } from './ssh/change-expired-password.js';
export { connectSsh } from './ssh/connect-ssh.js';
export type { ConnectSshOptions } from './ssh/connect-ssh-options.js';
export { type TreeEntry, walkLocalTree } from './ssh/local-tree.js';
export { rebootNode } from './ssh/reboot-node.js';
export { shutDownNode, type ShutDownOptions } from './ssh/shut-down-node.js';
export { ClientSshRuntime, type SshRuntime } from './ssh/ssh-runtime.js';
export type {
  SshCommandResult,
  SshCopyOptions,
  SshExecOptions,
  SshReadOptions,
  SshSession,
  SshTerminal,
  SshWriteOptions,
} from './ssh/ssh-session.js';
export {
  describeTarget,
  SSH_PORT,
  type PresentedHostKey,
  type SshAuthentication,
  type SshTarget,
} from './ssh/ssh-target.js';
export { type SshAttempt, waitForSsh, type WaitForSshOptions } from './ssh/wait-for-ssh.js';

export type { AskedServer, AskHostKeyOptions, HostKeyAnswer } from './ssh/ask-host-key.js';
export type { CommandResult } from './command/command-result.js';
