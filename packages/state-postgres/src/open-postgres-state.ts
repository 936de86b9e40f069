import path from 'node:path';
import {
  docsPage,
  ConfigError,
  readSecret,
  type Secret,
  type StateStore,
  type StateStoreRequest,
} from '@turingpi/core/plugin';
import { identityToRecipient } from 'age-encryption';
import { connectionOptions } from './connection-options.js';
import { Database } from './database.js';
import { migrateSchema } from './migrate-schema.js';
import type { PostgresSettings } from './postgres-settings.js';
import { PostgresStateStore } from './postgres-state-store.js';
import { SealedSecrets } from './sealed-secrets.js';

/** A state that keeps the secrets of the nodes as well. */
export type PostgresState = StateStore & Required<Pick<StateStore, 'secrets'>>;

/** What is needed to open a state; see {@link StateStoreRequest}. */
export type PostgresStateRequest = Omit<StateStoreRequest, 'settings' | 'now'> & {
  readonly settings: PostgresSettings;
  /** The name of this computer, for tests. */
  readonly host?: string;
};

/**
 * Opens the state of a cluster in a database. Tables that are not there, or of an earlier version, are made first.
 *
 * @throws ConfigError `CONFIG_SECRET_MISSING`, `CONFIG_INVALID`; StateError `STATE_UNREACHABLE`,
 * `STATE_UNSUPPORTED_VERSION`, `STATE_WRITE_FAILED`.
 */
export async function openPostgresState(request: PostgresStateRequest): Promise<PostgresState> {
  const { settings, stateFile, logger, timings, baseDir, host } = request;
  const url = await secretOf(request, 'url');
  const identity = await secretOf(request, 'secretsKey');
  await assertIdentity(identity);
  const connection = await connectionOptions(url.reveal(), settings, baseDir);
  const cluster = settings.cluster ?? path.basename(stateFile, '.json');
  const database = new Database({ ...connection, schema: settings.schema }, logger);
  try {
    await migrateSchema(database);
  } catch (error) {
    await database[Symbol.asyncDispose]();
    throw error;
  }
  const place = { cluster, location: database.location };
  const secrets = new SealedSecrets(database, place, { identity, recipients: settings.secretsRecipients });
  return new PostgresStateStore({
    ...{ database, cluster, secrets, logger },
    ...(timings === undefined ? {} : { timings }),
    ...(host === undefined ? {} : { host }),
  });
}

async function secretOf(
  { settings, baseDir, environment }: PostgresStateRequest,
  name: 'url' | 'secretsKey',
): Promise<Secret> {
  const key = `state.postgres.${name}`;
  const secret = await readSecret(settings[name], { key, baseDir, environment });
  if (secret === undefined) throw new TypeError(`${key} has a schema that asks for it`);
  return secret;
}

/** @throws ConfigError `CONFIG_INVALID`: the key is not quoted. */
async function assertIdentity(identity: Secret): Promise<void> {
  try {
    await identityToRecipient(identity.reveal());
  } catch {
    throw new ConfigError('CONFIG_INVALID', '`state.postgres.secretsKey` is no identity of age', {
      hint: `It begins with AGE-SECRET-KEY-1; \`age-keygen\` makes one (${docsPage('postgres')}).`,
    });
  }
}
