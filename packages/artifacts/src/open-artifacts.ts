import { configOf, readSecret, resolvePath } from '@turingpi/core/plugin';
import type { ArtifactStore, ArtifactStoreRequest } from '@turingpi/provisioning';
import { ARTIFACTS } from './artifacts-settings.js';
import { DirectoryPlace } from './directory-place.js';
import { HttpPlace } from './http-place.js';
import { SealedArtifacts } from './sealed-artifacts.js';

/**
 * The artefacts that a configuration names.
 *
 * @throws ConfigError `CONFIG_SECRET_MISSING` for a key or token that is not there
 */
export async function openArtifacts({
  config,
  environment,
}: ArtifactStoreRequest): Promise<ArtifactStore | undefined> {
  const settings = configOf(config, ARTIFACTS);
  if (settings === undefined) return undefined;
  const { baseDir } = config;
  const secret = (key: string, source: Parameters<typeof readSecret>[0]) =>
    readSecret(source, { key: `artifacts.${key}`, baseDir, environment });
  const identity = await secret('key', settings.key);
  if (identity === undefined) return undefined; // it has a default
  const place =
    'directory' in settings
      ? new DirectoryPlace(resolvePath(baseDir, settings.directory))
      : new HttpPlace(settings.url, { token: await secret('token', settings.token) });
  return new SealedArtifacts(place, { identity, recipients: settings.recipients });
}
