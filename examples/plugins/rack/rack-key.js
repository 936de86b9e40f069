import { defineConfigKey } from '@turingpi/core/plugin';
import { z } from 'zod';

export const RACK = defineConfigKey({
  id: 'rack',
  title: 'where the board stands',
  schema: z.strictObject({
    name: z.string().min(1, 'is empty'),
    slot: z.int().min(1).default(1),
  }),
});
