import { type Context, defineExtensionPoint, type ExtensionPoint } from '@turingpi/core/plugin';
import type { OperatingSystem } from './operating-system.js';

declare module '@turingpi/core/plugin' {
  interface Contributions {
    /** Operating systems. */
    os: OperatingSystem;
  }
}

/** Operating systems, as plugins contribute them: `definePlugin({ os: [UbuntuOs] })`. */
export const OPERATING_SYSTEMS: ExtensionPoint<OperatingSystem> = defineExtensionPoint<OperatingSystem>({
  key: 'os',
  title: 'operating system',
  nodeKey: 'os',
});

/** @throws PluginError `PLUGIN_NOT_FOUND`. */
export function operatingSystemOf(context: Pick<Context, 'extensions'>, id: string): OperatingSystem {
  return context.extensions.get(OPERATING_SYSTEMS, id);
}
