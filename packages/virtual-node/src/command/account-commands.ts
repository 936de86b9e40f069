import { parseArgs } from 'node:util';
import { AccountSetup } from '../first-boot/account-setup.js';
import type { Command, CommandCall, CommandTable } from '../shell/command.js';

/** Numbers of daemons begin here, as Debian's do. */
const FIRST_OF_SYSTEM = 100;
const TAKEN = 9;
const NOT_FOUND = 6;

const TEXT = { type: 'string' } as const;
const FLAG = { type: 'boolean' } as const;
const OPTIONS = {
  system: { ...FLAG, short: 'r' },
  gid: { ...TEXT, short: 'g' },
  uid: { ...TEXT, short: 'u' },
  shell: { ...TEXT, short: 's' },
  'home-dir': { ...TEXT, short: 'd' },
  'create-home': { ...FLAG, short: 'm' },
  groups: { ...TEXT, short: 'G' },
  append: { ...FLAG, short: 'a' },
  remove: FLAG,
} as const;

type Given = ReturnType<typeof parseArgs<{ options: typeof OPTIONS; allowPositionals: true }>>;
type Made = (
  name: string,
  given: Given['values'],
  accounts: AccountSetup,
  call: CommandCall,
) => Promise<number>;

/** Programs that make users and groups, with the options that installers use. */
export const ACCOUNT_COMMANDS: CommandTable = {
  groupadd: asRoot(async (name, { system, gid }, accounts, call) => {
    if ((await call.system.accounts.groupId(name)) !== undefined) return taken(call, `group '${name}'`);
    await accounts.ensureGroup(
      name,
      gid === undefined ? (system === true ? FIRST_OF_SYSTEM : 1000) : Number(gid),
    );
    return 0;
  }),
  groupdel: asRoot(async (name, _given, accounts, call) => {
    if ((await call.system.accounts.groupId(name)) === undefined) return missing(call, `group '${name}'`);
    await accounts.remove(name, ['group']);
    return 0;
  }),
  useradd: asRoot(async (name, given, accounts, call) => {
    if ((await call.system.accounts.find(name)) !== undefined) return taken(call, `user '${name}'`);
    const { uid, shell, 'home-dir': home } = given;
    await accounts.ensureUser({
      name,
      makesHome: given['create-home'] === true,
      groups: listOf(given.groups),
      uid: uid === undefined ? (given.system === true ? FIRST_OF_SYSTEM : 1000) : Number(uid),
      ...(shell === undefined ? {} : { shell }),
      ...(home === undefined ? {} : { home }),
    });
    return 0;
  }),
  usermod: asRoot(async (name, { groups }, accounts, call) => {
    if ((await call.system.accounts.find(name)) === undefined) return missing(call, `user '${name}'`);
    for (const group of listOf(groups)) await accounts.addToGroup(name, group);
    return 0;
  }),
  userdel: asRoot(async (name, _given, accounts, call) => {
    if ((await call.system.accounts.find(name)) === undefined) return missing(call, `user '${name}'`);
    await accounts.remove(name, ['passwd', 'shadow', 'group']);
    return 0;
  }),
};

function asRoot(make: Made): Command {
  return async (call) => {
    if (call.shell.identity.uid !== 0) {
      call.io.err(`${call.name}: Permission denied.\n`);
      return 1;
    }
    let given: Given;
    try {
      given = parseArgs({ args: [...call.args], options: OPTIONS, allowPositionals: true });
    } catch (error) {
      call.io.err(`${call.name}: ${(error as Error).message}: not simulated\n`);
      return 2;
    }
    const [name] = given.positionals;
    if (name === undefined) {
      call.io.err(`Usage: ${call.name} [options] NAME\n`);
      return 2;
    }
    const status = await call.system.privileged((root) =>
      make(name, given.values, new AccountSetup(root), call),
    );
    call.system.changed();
    return status;
  };
}

function taken({ io, name }: CommandCall, what: string): number {
  io.err(`${name}: ${what} already exists\n`);
  return TAKEN;
}

function missing({ io, name }: CommandCall, what: string): number {
  io.err(`${name}: ${what} does not exist\n`);
  return NOT_FOUND;
}

function listOf(names: string | undefined): readonly string[] {
  return (names ?? '').split(',').filter((one) => one !== '');
}
