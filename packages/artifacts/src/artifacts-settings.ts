import { defineConfigKey, localPath, secretSource } from '@turingpi/core/plugin';
import { z } from 'zod';

const shared = {
  /** The key with which images that hold keys are encrypted: an identity of age, `AGE-SECRET-KEY-1…`. */
  key: secretSource.default({ env: 'TPI_SECRETS_KEY' }),
  /** Who else may read them: recipients of age, `age1…`. */
  recipients: z.array(z.string().regex(/^age1[a-z0-9]+$/, 'expected a recipient of age, age1…')).default([]),
};

const inDirectory = z.strictObject({
  /** A directory that all computers see, for example on a file server. */
  directory: localPath,
  /** How long a file that no record names stays after it was last used, in days. */
  keepDays: z.number().int().min(1).max(3650).default(30),
  ...shared,
});

const onServer = z.strictObject({
  /** The web address of such a directory. Files are put there with PUT. */
  url: z
    .url({ protocol: /^https?$/, error: 'expected an address that begins with https:// or http://' })
    .refine((url) => new URL(url).username === '', 'has a user in it; give a `token` instead'),
  /** Sent as `Authorization: Bearer …`. */
  token: secretSource.optional(),
  ...shared,
});

/** What is written below `artifacts:`. */
export const artifactsSettings = z
  .union([inDirectory, onServer], {
    error: 'expected { directory: PATH } or { url: ADDRESS }, with key and recipients',
  })
  .refine(
    (settings) => !('token' in settings) || settings.token === undefined || isPrivate(settings.url),
    'a token is sent over https:// only',
  )
  .optional();

/** What is written below `artifacts:`, with defaults. */
export type ArtifactsSettings = NonNullable<z.output<typeof artifactsSettings>>;

/** The key `artifacts` of the configuration. */
export const ARTIFACTS = defineConfigKey({
  id: 'artifacts',
  title: 'where images are shared with other computers',
  schema: artifactsSettings,
});

declare module '@turingpi/core/plugin' {
  interface ContributedConfig {
    artifacts: z.input<typeof artifactsSettings>;
  }
}

/** Nobody on the way reads it. */
function isPrivate(url: string): boolean {
  const { protocol, hostname } = new URL(url);
  return protocol === 'https:' || ['localhost', '127.0.0.1', '[::1]'].includes(hostname);
}
