import { localPath, secretSource } from '@turingpi/core/plugin';
import { z } from 'zod';

const tls = z.strictObject({
  /** PEM certificates of the authority that vouches for the server. Default: those that the system trusts. */
  ca: localPath.optional(),
  /** PEM certificate by which this computer proves who it is. */
  cert: localPath.optional(),
  /** PEM key of the certificate. */
  key: localPath.optional(),
  /** The name that the server's certificate has, where it is another than that of the address. */
  serverName: z.string().min(1, 'is empty').optional(),
});

/** What is written below `engine: { temporal: … }`. */
export const temporalSettings = z.strictObject({
  address: z.string().regex(/^[^\s/]+:\d+$/, 'expected host and port, such as temporal.example:7233'),
  namespace: z.string().min(1, 'is empty').default('default'),
  /** What encrypts all that Temporal is given; the first one encrypts, the others read what is older. */
  keys: z
    .array(secretSource)
    .min(1, 'has no key')
    .default([{ env: 'TPI_FLEET_KEY' }]),
  /** Missing: the connection is not encrypted, as is good for 127.0.0.1 only. */
  tls: tls
    .refine(
      ({ cert, key }) => (cert === undefined) === (key === undefined),
      'expected both `cert` and `key`, or neither',
    )
    .optional(),
  /** Address of Temporal's own page, to which that of the fleet has links. */
  page: z
    .url({ protocol: /^https?$/, error: 'expected an address such as https://temporal.example:8080' })
    .optional(),
  /** A token that tells the server who this is, as a JWT. */
  token: secretSource.optional(),
  /** An agent that gave no sign of life for that long is taken for dead. */
  lostAfterMs: z.number().int().min(1000).max(3_600_000).default(75_000),
});

/** What is written below `engine: { temporal: … }`, with defaults. */
export type TemporalSettings = z.output<typeof temporalSettings>;
