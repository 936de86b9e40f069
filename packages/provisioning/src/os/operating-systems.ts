import { type Context, defineExtensionPoint, type ExtensionPoint } from '@turingpi/core/plugin';
import type { OsDriver } from './os-driver.js';

declare module '@turingpi/core/plugin' {
  interface Contributions {
    /** Operating systems. */
    os: OsDriver;
  }
}

/** Operating systems, as plugins contribute them: `definePlugin({ os: [UbuntuOs] })`. */
export const OPERATING_SYSTEMS: ExtensionPoint<OsDriver> = defineExtensionPoint<OsDriver>({
  key: 'os',
  title: 'operating system',
  nodeKey: 'os',
});

/** @throws PluginError `PLUGIN_NOT_FOUND`. */
export function operatingSystemOf(context: Pick<Context, 'extensions'>, id: string): OsDriver {
  return context.extensions.get(OPERATING_SYSTEMS, id);
}
