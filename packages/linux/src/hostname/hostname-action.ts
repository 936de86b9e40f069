import {
  type ActionEnvironment,
  type ChangeResult,
  editedFile,
  lookAtPath,
  type PendingChange,
} from '@turingpi/provisioning';
import { allOf } from '../post-install/all-of.js';
import { checked } from '../post-install/checked.js';
import { NamedSettingAction } from '../post-install/named-setting-action.js';
import { checkHostname, renderHostsFile } from './hostname.js';
import { KEEP_HOSTNAME, KEEP_HOSTNAME_TEXT } from './set-hostname.js';

declare module '@turingpi/provisioning' {
  interface RemoteActions {
    /** Gives the node another host name, at once and for good. */
    hostname(name: string): Promise<ChangeResult>;
  }
}

/** Gives the node another host name, at once and for good. */
export class HostnameAction extends NamedSettingAction {
  readonly id = 'hostname';
  readonly title = 'gives the node a host name';
  readonly schema = checked(checkHostname);

  protected async look(name: string, environment: ActionEnvironment): Promise<PendingChange | undefined> {
    const { session, signal } = environment;
    const node = await session();
    const edit = (path: string, text: string) =>
      editedFile({ path, create: true, edit: () => text }, environment);
    const hasCloudInit = (await lookAtPath(node, '/etc/cloud/cloud.cfg.d', { signal })) !== undefined;
    const running = (await node.exec(['hostname'], { signal })).stdout.trim();
    const changes = [
      await edit('/etc/hostname', `${name}\n`),
      await editedFile(
        { path: '/etc/hosts', create: true, edit: (text) => renderHostsFile(text || undefined, name) },
        environment,
      ),
      running === name
        ? undefined
        : {
            make: async () => {
              await node.exec(['hostname', name], { signal, sudo: true });
            },
          },
    ];
    if (changes.every((change) => change === undefined)) return undefined;
    // cloud-init has the name that the node was installed with: it need not be told to leave that. First of all, so that
    // nothing that ends in between leaves a name that it would take back.
    return allOf([hasCloudInit ? await edit(KEEP_HOSTNAME, KEEP_HOSTNAME_TEXT) : undefined, ...changes]);
  }
}
