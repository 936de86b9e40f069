import { quoteCommand } from '@turingpi/runtime';

/** A connection of the system's own `ssh`, with nothing left to what the user's configuration says of the address. */
export interface SshInvocation {
  readonly host: string;
  readonly port: number;
  readonly username: string;
  /** The name under which the file of known hosts has the node. */
  readonly alias: string;
  readonly knownHostsFile: string;
  /** An agent with the key to log in with; without it, the user's own agent and identities. */
  readonly agentSocket?: string | undefined;
  /** Run this instead of a login shell: one argument is a line for `sh`, several are a program and its arguments. */
  readonly command?: readonly string[];
  readonly tty?: boolean;
}

/**
 * The arguments for OpenSSH's `ssh`. Only the keys of the file count as the node's: no other file, no DNS, no connection
 * that is shared, and nobody is asked.
 */
export function sshArguments({
  host,
  port,
  username,
  alias,
  knownHostsFile,
  agentSocket,
  command = [],
  tty = false,
}: SshInvocation): string[] {
  const options = {
    UserKnownHostsFile: quoted(knownHostsFile),
    GlobalKnownHostsFile: 'none',
    StrictHostKeyChecking: 'yes',
    HostKeyAlias: alias,
    UpdateHostKeys: 'no',
    ...(agentSocket === undefined ? {} : { IdentityAgent: quoted(agentSocket) }),
  };
  const [line, ...others] = command;
  return [
    ...['-F', 'none'],
    ...Object.entries(options).flatMap(([name, value]) => ['-o', `${name}=${value}`]),
    ...['-l', username, '-p', String(port)],
    ...(tty ? ['-t'] : []),
    '--',
    host,
    ...(line === undefined ? [] : [quoteCommand(others.length > 0 ? command : ['sh', '-c', line])]),
  ];
}

/** A value for ssh_config: in quotes, and with no sign that it would replace. */
function quoted(value: string): string {
  return `"${value.replaceAll('\\', '/').replaceAll('%', '%%')}"`;
}
