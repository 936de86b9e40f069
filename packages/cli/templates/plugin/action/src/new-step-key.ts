import { defineConfigKey } from '@turingpi/core/plugin';
import { z } from 'zod';

export const DEFAULTS = { path: '/etc/motd' };

const schema = z
  .strictObject({ path: z.string().startsWith('/', 'expected a whole path').default(DEFAULTS.path) })
  .default(DEFAULTS);

/** What turingpi.yaml says under `newStep`. */
export const NEW_STEP = defineConfigKey({ id: 'newStep', title: 'where messages are written', schema });

declare module '@turingpi/core/plugin' {
  interface ContributedConfig {
    newStep?: z.input<typeof schema>;
  }
}
