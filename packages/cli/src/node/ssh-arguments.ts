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
  /** A server on the way, of which the same is said. */
  readonly jump?: Omit<SshInvocation, 'command' | 'tty' | 'jump'> | undefined;
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
  jump,
}: SshInvocation): string[] {
  const options = {
    UserKnownHostsFile: quoted(knownHostsFile),
    GlobalKnownHostsFile: 'none',
    StrictHostKeyChecking: 'yes',
    HostKeyAlias: alias,
    UpdateHostKeys: 'no',
    ...(agentSocket === undefined ? {} : { IdentityAgent: quoted(agentSocket) }),
    ...(jump === undefined ? {} : { ProxyCommand: proxyCommand(jump) }),
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

/** A command line of `ssh` that carries the connection: it is read by a shell, once `ssh` has replaced its signs. */
function proxyCommand(jump: SshInvocation): string {
  const [host = '', ...rest] = sshArguments(jump).reverse();
  const words = ['ssh', ...rest.reverse().slice(0, -1)].map((word) => word.replaceAll('%', '%%'));
  return quoteCommand([...words, '-W', '[%h]:%p', '--', host]);
}

/** A value for ssh_config: in quotes, and with no sign that it would replace. */
function quoted(value: string): string {
  return `"${value.replaceAll('\\', '/').replaceAll('%', '%%')}"`;
}
