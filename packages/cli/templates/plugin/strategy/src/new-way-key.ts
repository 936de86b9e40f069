import { defineConfigKey, localPath } from '@turingpi/core/plugin';
import { z } from 'zod';

export const DEFAULTS = { folder: 'disks' };

const schema = z.strictObject({ folder: localPath.default(DEFAULTS.folder) }).default(DEFAULTS);

/** What turingpi.yaml says under `newWay`. */
export const NEW_WAY = defineConfigKey({ id: 'newWay', title: 'where the disks of nodes are', schema });

declare module '@turingpi/core/plugin' {
  interface ContributedConfig {
    newWay?: z.input<typeof schema>;
  }
}
