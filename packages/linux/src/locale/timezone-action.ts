import {
  type ActionEnvironment,
  type ChangeResult,
  editedFile,
  lookAtPath,
  type PendingChange,
} from '@turingpi/provisioning';
import { LinuxError } from '../linux-error.js';
import { allOf } from '../post-install/all-of.js';
import { checked } from '../post-install/checked.js';
import { NamedSettingAction } from '../post-install/named-setting-action.js';
import { checkTimezone } from './locale.js';

declare module '@turingpi/provisioning' {
  interface RemoteActions {
    /** Sets the time zone, for example `Europe/Berlin`. */
    timezone(name: string): Promise<ChangeResult>;
  }
}

/** Sets the node's time zone. */
export class TimezoneAction extends NamedSettingAction {
  readonly id = 'timezone';
  readonly title = 'sets the time zone';
  readonly schema = checked(checkTimezone);

  /** @throws LinuxError `TIMEZONE_INVALID` when the node's own database does not have the name. */
  protected async look(name: string, environment: ActionEnvironment): Promise<PendingChange | undefined> {
    const { session, signal } = environment;
    const node = await session();
    const zone = `/usr/share/zoneinfo/${name}`;
    if ((await lookAtPath(node, zone, { signal })) === undefined)
      throw new LinuxError('TIMEZONE_INVALID', `${node.place} has no time zone ${name}`, {
        hint: `There is no ${zone} on it: check the spelling, or install the package tzdata.`,
      });
    const link = await lookAtPath(node, '/etc/localtime', { signal });
    const isLinked = link?.target?.endsWith(`/zoneinfo/${name}`) === true;
    return allOf([
      isLinked
        ? undefined
        : {
            make: async () => {
              await node.exec(['ln', '-sfn', '--', zone, '/etc/localtime'], { signal, sudo: true });
            },
          },
      await editedFile({ path: '/etc/timezone', create: true, edit: () => `${name}\n` }, environment),
    ]);
  }
}
