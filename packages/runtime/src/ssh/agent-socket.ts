/**
 * Where the running SSH agent listens.
 *
 * @param environment - Default: this process's; the variable is part of the agent protocol, not of our configuration.
 * @returns Undefined when there is none.
 */
export function agentSocket(environment: NodeJS.ProcessEnv = process.env): string | undefined {
  const socket = environment['SSH_AUTH_SOCK'];
  if (socket !== undefined && socket !== '') return socket;
  return process.platform === 'win32' ? String.raw`\\.\pipe\openssh-ssh-agent` : undefined;
}
