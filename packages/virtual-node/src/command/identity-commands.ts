import { type CommandTable, readOptions } from '../shell/command.js';

/** Programs that tell who and where one is. */
export const IDENTITY_COMMANDS: CommandTable = {
  whoami: ({ io, shell }) => {
    io.out(`${shell.identity.name}\n`);
    return 0;
  },
  id: async ({ args, io, shell, system }) => {
    const { options, operands } = readOptions(args);
    const [name] = operands;
    const who = name === undefined ? shell.identity : await system.accounts.find(name);
    if (who === undefined) {
      io.err(`id: '${name ?? ''}': no such user\n`);
      return 1;
    }
    const { accounts } = system;
    const named = options.has('n');
    if (options.has('u')) io.out(`${named ? who.name : who.uid}\n`);
    else if (options.has('g')) io.out(`${named ? await accounts.groupName(who.gid) : who.gid}\n`);
    else if (options.has('G')) {
      const groups = await Promise.all(
        [...who.gids].map((gid) => (named ? accounts.groupName(gid) : Promise.resolve(String(gid)))),
      );
      io.out(`${groups.join(' ')}\n`);
    } else {
      const groups = await Promise.all(
        [...who.gids].map(async (gid) => `${gid}(${await accounts.groupName(gid)})`),
      );
      io.out(
        `uid=${who.uid}(${who.name}) gid=${who.gid}(${await accounts.groupName(who.gid)}) groups=${groups.join(',')}\n`,
      );
    }
    return 0;
  },
  groups: async ({ io, shell, system }) => {
    const names = await Promise.all([...shell.identity.gids].map((gid) => system.accounts.groupName(gid)));
    io.out(`${names.join(' ')}\n`);
    return 0;
  },
  hostname: async ({ args, io, shell, system }) => {
    const { options, operands } = readOptions(args);
    const [name] = operands;
    if (options.has('I'))
      io.out(`${system.addresses.map(({ address }) => address.split('/')[0]).join(' ')} \n`);
    else if (name === undefined) io.out(`${await system.hostname()}\n`);
    else if (shell.identity.uid === 0) system.setRunningHostname(name);
    else {
      io.err('hostname: you must be root to change the host name\n');
      return 1;
    }
    return 0;
  },
  hostnamectl: async ({ args, io, shell, files, system }) => {
    const [verb, name] = args;
    if ((verb === 'set-hostname' || verb === 'hostname') && name !== undefined) {
      if (shell.identity.uid !== 0) {
        io.err('Could not set static hostname: Interactive authentication required.\n');
        return 1;
      }
      await files.writeFile('/etc/hostname', Buffer.from(`${name}\n`));
      system.setRunningHostname(name);
      return 0;
    }
    io.out(
      verb === 'hostname' ? `${await system.hostname()}\n` : ` Static hostname: ${await system.hostname()}\n`,
    );
    return 0;
  },
  uname: async ({ args, io, system }) => {
    const { options } = readOptions(args);
    const values: readonly (readonly [string, string])[] = [
      ['s', 'Linux'],
      ['n', await system.hostname()],
      ['r', '0.0.0-simulated'],
      ['v', '#1 simulated by the virtual board'],
      ['m', 'aarch64'],
      ['o', 'GNU/Linux'],
    ];
    const wanted = values.filter(
      ([letter]) => options.has('a') || options.has(letter) || (options.size === 0 && letter === 's'),
    );
    io.out(`${wanted.map(([, value]) => value).join(' ')}\n`);
    return 0;
  },
  uptime: ({ io, system }) => {
    const minutes = Math.floor((Date.now() - system.bootedAt.getTime()) / 60_000);
    io.out(` up ${minutes} min,  1 user,  load average: 0.00, 0.00, 0.00\n`);
    return 0;
  },
  date: ({ args, io }) => {
    const now = new Date();
    io.out(args[0] === '+%s' ? `${Math.floor(now.getTime() / 1000)}\n` : `${now.toUTCString()}\n`);
    return 0;
  },
  getent: async ({ args, io, system }) => {
    const [database = '', key = ''] = args;
    const text = await system.privileged(async (root) => (await root.readText(`/etc/${database}`)) ?? '');
    const lines = text
      .split('\n')
      .filter(
        (line) => line !== '' && (key === '' || line.split(':')[0] === key || line.split(':')[2] === key),
      );
    io.out(lines.map((line) => `${line}\n`).join(''));
    return lines.length > 0 ? 0 : 2;
  },
  ip: ({ io, system }) => {
    io.out(
      '1: lo: <LOOPBACK,UP,LOWER_UP>\n    inet 127.0.0.1/8 scope host lo\n2: eth0: <BROADCAST,MULTICAST,UP,LOWER_UP>\n',
    );
    for (const { address } of system.addresses)
      io.out(`    ${address.includes(':') ? 'inet6' : 'inet'} ${address} scope global eth0\n`);
    return 0;
  },
  'cloud-init': ({ args, io, system }) => {
    const { status, detail } = system.cloudInit;
    if (args[0] !== 'status' || status === 'not-installed') {
      io.err(
        status === 'not-installed'
          ? 'sh: 1: cloud-init: not found\n'
          : 'cloud-init: only "status" is simulated\n',
      );
      return status === 'not-installed' ? 127 : 2;
    }
    io.out(`status: ${status}\n`);
    if (args.includes('--long')) io.out(`detail:\n${detail}\n`);
    return status === 'error' ? 1 : 0;
  },
};
