import { defineConfigKey } from '@turingpi/core/plugin';
import { z } from 'zod';

export const DEFAULTS = { restMs: 1000 };

const schema = z.strictObject({ restMs: z.int().min(0).default(DEFAULTS.restMs) }).default(DEFAULTS);

/** What turingpi.yaml says under `newModule`. */
export const NEW_MODULE = defineConfigKey({
  id: 'newModule',
  title: 'how long a module stays off, in milliseconds',
  schema,
});

declare module '@turingpi/core/plugin' {
  interface ContributedConfig {
    newModule?: z.input<typeof schema>;
  }
}
