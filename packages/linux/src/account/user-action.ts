import {
  type ActionEnvironment,
  type ChangeResult,
  LookingAction,
  nodePath,
  type PendingChange,
} from '@turingpi/provisioning';
import { z } from 'zod';
import { accountName } from './account-name.js';
import { accountOf, type NodeAccount } from './node-account.js';

declare module '@turingpi/provisioning' {
  interface RemoteActions {
    /** Makes an account of the node, or removes it. It has no password: see `authorizedKeys`. */
    user(wanted: string | UserInput): Promise<ChangeResult>;
  }
}

export interface UserInput {
  readonly name: string;
  readonly uid?: number | undefined;
  /** Further groups; those that the account has already stay. */
  readonly groups?: readonly string[] | undefined;
  readonly shell?: string | undefined;
  readonly home?: string | undefined;
  /** An account of a daemon: its number is below 1000, and it gets no home. */
  readonly system?: boolean | undefined;
  readonly absent?: boolean | undefined;
  /** With `absent`: its home goes, too. */
  readonly removeHome?: boolean | undefined;
}

const flag = z.boolean().optional();

/** Makes an account of the node, or removes it. */
export class UserAction extends LookingAction<UserInput> {
  readonly id = 'user';
  readonly title = 'makes an account of the node, or removes it';
  readonly schema = z.union(
    [
      accountName.transform((name): UserInput => ({ name })),
      z.strictObject({
        name: accountName.refine((name) => name !== 'root', 'is there on every node, and stays as it is'),
        uid: z.int().min(1).max(65_533).optional(),
        groups: z.array(accountName).optional(),
        ...{
          shell: nodePath.optional(),
          home: nodePath.optional(),
          system: flag,
          absent: flag,
          removeHome: flag,
        },
      }),
    ],
    'expected a name, or { name, uid, groups, shell, home, system, absent, removeHome }',
  );

  note({ name }: UserInput): string {
    return name;
  }

  inputs({ name, uid, groups, shell, home, system, absent, removeHome }: UserInput) {
    return {
      ...{ name, uid, shell, home, system, absent, removeHome },
      ...(groups !== undefined && { groups: [...groups] }),
    };
  }

  protected async look(
    wanted: UserInput,
    { session, signal }: ActionEnvironment,
  ): Promise<PendingChange | undefined> {
    const node = await session();
    const command = userCommand(wanted, await accountOf(node, wanted.name, signal));
    if (command === undefined) return undefined;
    return {
      make: async () => {
        await node.exec(command, { signal, sudo: true });
      },
    };
  }
}

/** The command that makes an account what it is to be; undefined where it is so. */
function userCommand(wanted: UserInput, found: NodeAccount | undefined): readonly string[] | undefined {
  const { name, uid, groups = [], shell, home, system = false, absent = false, removeHome = false } = wanted;
  if (absent) return found && ['userdel', ...(removeHome ? ['--remove'] : []), '--', name];
  const option = (key: string, value: string | number | undefined, is?: string) =>
    value === undefined || String(value) === is ? [] : [key, String(value)];
  const missing = groups.filter((group) => found?.groups.includes(group) !== true);
  const options = [
    ...option('--uid', uid, found?.uid),
    ...option('--shell', shell, found?.shell),
    ...option(found ? '--home' : '--home-dir', home, found?.home),
    ...(missing.length === 0 ? [] : [...(found ? ['--append'] : []), '--groups', missing.join(',')]),
  ];
  if (found) return options.length === 0 ? undefined : ['usermod', ...options, '--', name];
  return ['useradd', system ? '--system' : '--create-home', ...options, '--', name];
}
