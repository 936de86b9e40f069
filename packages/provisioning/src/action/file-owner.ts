import { z } from 'zod';

/** Who owns a file: `user:group` or `user`, by name or number. */
export const fileOwner = z
  .string()
  .regex(
    /^[A-Za-z0-9_][A-Za-z0-9_.-]*(:[A-Za-z0-9_][A-Za-z0-9_.-]*)?$/,
    'expected user:group, for example root:root',
  );
