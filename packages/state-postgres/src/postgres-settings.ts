import { localPath, secretSource } from '@turingpi/core/plugin';
import { z } from 'zod';

/** What is written below `state: { postgres: … }`. */
export const postgresSettings = z.strictObject({
  /** `postgresql://user:password@host:port/database`; `?host=/run/postgresql` for a UNIX socket. */
  url: secretSource,
  /** `verify`: over TCP the server proves who it is, by its certificate. Over a UNIX socket there is no need. */
  tls: z.enum(['verify', 'off']).default('verify'),
  /** PEM certificates of the authorities that may vouch for the server, instead of the well-known ones. */
  certificateAuthority: localPath.optional(),
  /** The schema of the database in which the tables are. */
  schema: z
    .string()
    .regex(/^[a-z_][a-z0-9_]{0,62}$/, 'expected a name of lower-case letters, digits and _')
    .default('turingpi'),
  /** Under which name the records of this board are kept. Default: the state file's, without `.json`. */
  cluster: z.string().min(1, 'is empty').optional(),
  /** The key with which the secrets of the nodes are encrypted: an identity of age, `AGE-SECRET-KEY-1…`. */
  secretsKey: secretSource.default({ env: 'TPI_SECRETS_KEY' }),
  /** Who else may read them: recipients of age, `age1…`. */
  secretsRecipients: z
    .array(z.string().regex(/^age1[a-z0-9]+$/, 'expected a recipient of age, age1…'))
    .default([]),
});

/** What is written below `state: { postgres: … }`, with defaults. */
export type PostgresSettings = z.output<typeof postgresSettings>;
