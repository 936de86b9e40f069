import { type Context, PluginError } from '@turingpi/core/plugin';
import { operatingSystemOf, type OsDriver } from '@turingpi/provisioning';
import type { ImageEngine } from '@turingpi/image';
import type { LocalRuntime, SshRuntime } from '@turingpi/runtime';
import type { LinuxProfile } from './linux-profile.js';

/** What the Linux builders work with: the operating system's peculiarities and the services of the cluster. */
export interface LinuxToolbox {
  readonly profile: LinuxProfile;
  readonly engine: ImageEngine;
  readonly ssh: SshRuntime;
  readonly local: LocalRuntime;
}

/** An OS driver made of the blocks of this package. */
export interface LinuxOsDriver extends OsDriver {
  readonly toolbox: LinuxToolbox;
}

/** How a builder gets its toolbox: when it runs, because only then the cluster is known. */
export type ToolboxSource = (context: Context) => LinuxToolbox;

/**
 * The toolbox of whichever driver is registered under an id.
 *
 * @throws PluginError `PLUGIN_NOT_FOUND`; `PLUGIN_INVALID` when that driver is not made of this package's blocks.
 */
export function toolboxOf(id: string): ToolboxSource {
  return (context) => {
    const driver = operatingSystemOf(context, id);
    if ('toolbox' in driver) return (driver as LinuxOsDriver).toolbox;
    throw new PluginError(
      'PLUGIN_INVALID',
      `the operating system plugin '${id}' in use brings builders of its own`,
      {
        hint: `Use operatingSystemOf(context, '${id}').image() and its siblings instead of the imported functions.`,
      },
    );
  };
}
