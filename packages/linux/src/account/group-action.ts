import {
  type ActionEnvironment,
  type ChangeResult,
  LookingAction,
  type PendingChange,
} from '@turingpi/provisioning';
import { z } from 'zod';
import { accountName } from './account-name.js';
import { entryOf } from './node-account.js';

declare module '@turingpi/provisioning' {
  interface RemoteActions {
    /** Makes a group of the node, or removes it. */
    group(wanted: string | GroupInput): Promise<ChangeResult>;
  }
}

export interface GroupInput {
  readonly name: string;
  readonly gid?: number | undefined;
  /** A group of a daemon: its number is below 1000. */
  readonly system?: boolean | undefined;
  readonly absent?: boolean | undefined;
}

/** Makes a group of the node, or removes it. */
export class GroupAction extends LookingAction<GroupInput> {
  readonly id = 'group';
  readonly title = 'makes a group of the node, or removes it';
  readonly schema = z.union(
    [
      accountName.transform((name): GroupInput => ({ name })),
      z.strictObject({
        name: accountName,
        gid: z.int().min(1).max(65_533).optional(),
        system: z.boolean().optional(),
        absent: z.boolean().optional(),
      }),
    ],
    'expected a name, or { name, gid, system, absent }',
  );

  note({ name }: GroupInput): string {
    return name;
  }

  inputs({ name, gid, system, absent }: GroupInput) {
    return { name, gid, system, absent };
  }

  protected async look(
    { name, gid, system = false, absent = false }: GroupInput,
    { session, signal }: ActionEnvironment,
  ): Promise<PendingChange | undefined> {
    const node = await session();
    const found = await entryOf(node, 'group', name, signal);
    const number = gid === undefined ? [] : ['--gid', String(gid)];
    let command: readonly string[] | undefined;
    if (absent) command = found && ['groupdel', '--', name];
    else if (!found) command = ['groupadd', ...(system ? ['--system'] : []), ...number, '--', name];
    else if (gid !== undefined && found[2] !== String(gid)) command = ['groupmod', ...number, '--', name];
    if (command === undefined) return undefined;
    return {
      make: async () => {
        await node.exec(command, { signal, sudo: true });
      },
    };
  }
}
