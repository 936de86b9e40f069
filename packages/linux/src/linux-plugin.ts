import { definePlugin, type Plugin } from '@turingpi/core/plugin';
import provisioningPlugin from '@turingpi/provisioning';
import { AuthorizedKeysAction } from './account/authorized-keys-action.js';
import { GroupAction } from './account/group-action.js';
import { PasswordAction } from './account/password-action.js';
import { SudoersAction } from './account/sudoers-action.js';
import { UserAction } from './account/user-action.js';
import { FactsAction } from './facts/facts-action.js';
import { HostnameAction } from './hostname/hostname-action.js';
import { SysctlAction } from './kernel/sysctl-action.js';
import { LocaleAction } from './locale/locale-action.js';
import { TimezoneAction } from './locale/timezone-action.js';
import { AptAction } from './post-install/apt-action.js';
import { AptRemoveAction } from './post-install/apt-remove-action.js';
import { AptRepositoryAction } from './post-install/apt-repository-action.js';
import { AptUpgradeAction } from './post-install/apt-upgrade-action.js';
import { FormatAction } from './storage/format-action.js';
import { MountAction } from './storage/mount-action.js';
import { ServiceAction } from './systemd/service-action.js';
import { UnitAction } from './systemd/unit-action.js';

/** What plugins of Linux systems stand on, besides the blocks of this package: they list it in `requires`. */
export const linuxPlugin: Plugin = definePlugin({
  name: '@turingpi/linux',
  requires: [provisioningPlugin],
  actions: [
    ...[AptAction, AptRemoveAction, AptUpgradeAction, AptRepositoryAction],
    ...[
      ServiceAction,
      UnitAction,
      UserAction,
      GroupAction,
      AuthorizedKeysAction,
      SudoersAction,
      PasswordAction,
    ],
    ...[HostnameAction, TimezoneAction, LocaleAction, SysctlAction, MountAction, FormatAction, FactsAction],
  ],
});
