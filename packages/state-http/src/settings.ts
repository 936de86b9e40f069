import { localPath } from '@turingpi/core/plugin';
import { z } from 'zod';

/** What is written below `state: { http: … }`. */
export const httpSettings = z.strictObject({
  /** Where the server is: `https://host:port`. */
  url: z.url({ protocol: /^https$/, error: 'expected an address that begins with https://' }),
  /** PEM certificates of the authority that vouches for the server. */
  ca: localPath,
  /** PEM certificate by which this computer proves who it is. */
  cert: localPath,
  /** PEM key of the certificate. */
  key: localPath,
  /** Under which name the records of this board are kept. Default: the state file's, without `.json`. */
  cluster: z.string().min(1, 'is empty').optional(),
});

/** What is written below `state: { http: … }`, with defaults. */
export type HttpSettings = z.output<typeof httpSettings>;
