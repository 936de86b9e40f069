import { z } from 'zod';

/** A name of a user or group on a node; those of the system are among them. */
export const accountName = z
  .string()
  .regex(
    /^[a-z_][a-z0-9_-]{0,31}$/,
    'expected lower-case letters, digits, - and _ (at most 32, a letter or _ first)',
  );
