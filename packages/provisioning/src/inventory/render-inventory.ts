import { SSH_PORT } from '@turingpi/runtime';
import type { InventoryJump, InventoryNode } from './inventory-node.js';
import { renderKnownHosts } from './known-hosts.js';

/** Forms of an inventory. */
export const INVENTORY_FORMATS = ['ssh-config', 'ansible', 'hosts', 'known-hosts', 'json'] as const;
export type InventoryFormat = (typeof INVENTORY_FORMATS)[number];

export interface InventoryOptions {
  /** The file of known hosts that `ssh-config` and `ansible` refer to: what the form `known-hosts` is written to. */
  readonly knownHostsFile: string;
}

/** Renders an inventory. A node that nobody can log in to is no host for SSH or Ansible. */
export function renderInventory(
  format: InventoryFormat,
  nodes: readonly InventoryNode[],
  options: InventoryOptions,
): string {
  switch (format) {
    case 'ssh-config':
      return renderSshConfig(nodes, options);
    case 'ansible':
      return renderAnsible(nodes, options);
    case 'hosts':
      return nodes.map(({ ipAddress, hostname }) => `${ipAddress} ${hostname}\n`).join('');
    case 'known-hosts':
      return renderKnownHosts([
        ...nodes.map((node) => ({ names: namesOf(node), hostKeys: node.hostKeys })),
        ...jumpsOf(nodes).map((jump) => ({ names: [aliasOf(jump)], hostKeys: jump.hostKeys })),
      ]);
    case 'json':
      return `${JSON.stringify({ nodes }, undefined, 2)}\n`;
  }
}

/** The names under which SSH looks a node up: its host name, and where its SSH is. */
function namesOf({ hostname, ssh: { host, port } }: InventoryNode): readonly string[] {
  const names = [...new Set([hostname, host])];
  return port === SSH_PORT ? names : names.map((name) => `[${name}]:${port}`);
}

/** The servers on the way to nodes, each once. */
function jumpsOf(nodes: readonly InventoryNode[]): readonly InventoryJump[] {
  const all = nodes.flatMap(({ ssh: { jump } }) => (jump === undefined ? [] : [jump]));
  return [...new Map(all.map((jump) => [aliasOf(jump), jump])).values()];
}

/** A name of its own: what the user's configuration says of the host is about other connections. */
function aliasOf({ host, port, username }: InventoryJump): string {
  return `turingpi-jump-${[username, host, port].join('-').replaceAll(/[^A-Za-z0-9._-]/g, '_')}`;
}

/** For ssh_config(5): strict, and with no other known hosts than those of the file. */
function renderSshConfig(nodes: readonly InventoryNode[], { knownHostsFile }: InventoryOptions): string {
  const strict = [
    `UserKnownHostsFile ${quoted(knownHostsFile)}`,
    'GlobalKnownHostsFile none',
    'StrictHostKeyChecking yes',
    'UpdateHostKeys no',
  ];
  const hosts = reachable(nodes);
  const blocks = [
    ...hosts.map(({ hostname, ssh }) => [
      ...[`Host ${hostname}`, `HostName ${ssh.host}`, `Port ${ssh.port}`, `User ${quoted(ssh.username)}`],
      ...(ssh.jump === undefined ? [] : [`ProxyJump ${aliasOf(ssh.jump)}`]),
      ...strict,
    ]),
    ...jumpsOf(hosts).map((jump) => [
      ...[`Host ${aliasOf(jump)}`, `HostName ${jump.host}`, `Port ${jump.port}`],
      ...[`User ${quoted(jump.username)}`, `HostKeyAlias ${aliasOf(jump)}`, ...strict],
    ]),
  ].map((lines) => lines.join('\n  '));
  return `# Host keys: turingpi inventory --format known-hosts > ${quoted(knownHostsFile)}\n\n${blocks.join('\n\n')}\n`;
}

/** A static inventory, in JSON, which is YAML as well: all nodes in `turingpi`, and in groups by operating system, type of board, and board. */
function renderAnsible(nodes: readonly InventoryNode[], { knownHostsFile }: InventoryOptions): string {
  const common = `-o UserKnownHostsFile=${quoted(knownHostsFile)} -o GlobalKnownHostsFile=none -o StrictHostKeyChecking=yes`;
  const hosts = reachable(nodes);
  const groups = new Map<string, Record<string, null>>();
  const join = (group: string, hostname: string): void => {
    const name = group.replaceAll(/[^A-Za-z0-9_]/g, '_'); // Ansible's rule for the names of groups
    groups.set(name, { ...groups.get(name), [hostname]: null });
  };
  for (const { hostname, os, boardType, board } of hosts) {
    if (os !== undefined) join(`os_${os}`, hostname);
    join(`type_${boardType}`, hostname);
    if (board !== undefined) join(`board_${board}`, hostname);
  }
  return `${JSON.stringify(
    {
      turingpi: {
        hosts: Object.fromEntries(
          hosts.map(({ hostname, ssh }) => [
            hostname,
            {
              ...{ ansible_host: ssh.host, ansible_port: ssh.port, ansible_user: ssh.username },
              ...(ssh.jump !== undefined && {
                ansible_ssh_common_args: `${common} -o ProxyCommand='${proxyCommand(ssh.jump, common)}'`,
              }),
            },
          ]),
        ),
        vars: { ansible_ssh_common_args: common },
      },
      ...Object.fromEntries([...groups].map(([name, members]) => [name, { hosts: members }])),
    },
    undefined,
    2,
  )}\n`;
}

/** Ansible splits arguments as a shell does: the command is one of them, in quotes of a kind that is not in it. */
function proxyCommand(jump: InventoryJump, common: string): string {
  const { host, port, username } = jump;
  const alias = `-o HostKeyAlias=${aliasOf(jump)}`;
  return `ssh -W [%h]:%p ${common} ${alias} -p ${port} -l ${quoted(username).replaceAll("'", '')} ${host}`;
}

function reachable(nodes: readonly InventoryNode[]) {
  return nodes.flatMap((node) => {
    const { username, ...ssh } = node.ssh;
    return username === undefined ? [] : [{ ...node, ssh: { ...ssh, username } }];
  });
}

/** A value for ssh_config(5), in which a quote cannot stand. */
function quoted(value: string): string {
  return `"${value.replaceAll(/["\r\n]/g, '')}"`;
}
