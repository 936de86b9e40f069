import { defineConfigKey } from '@turingpi/core/plugin';
import { z } from 'zod';

export const DEFAULTS = { banner: 'New linux' };

const schema = z.strictObject({ banner: z.string().default(DEFAULTS.banner) }).default(DEFAULTS);

/** What turingpi.yaml says under `newLinux`. */
export const NEW_LINUX = defineConfigKey({ id: 'newLinux', title: 'what nodes say before a login', schema });

declare module '@turingpi/core/plugin' {
  interface ContributedConfig {
    newLinux?: z.input<typeof schema>;
  }
}
