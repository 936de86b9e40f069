import { type LeaseTimings, silentLogger } from '@turingpi/core/plugin';
import { generateX25519Identity } from 'age-encryption';
import { openPostgresState } from './open-postgres-state.js';
import { postgresSettings } from './postgres-settings.js';
import type { PostgresStateStore } from './postgres-state-store.js';

/** Leases that are over soon. */
export const SOON: LeaseTimings = { beatMs: 200, staleMs: 2000, lookMs: 20 };

/** A key for the secrets of all tests. */
export const SECRETS_KEY = await generateX25519Identity();

/** Opens a state at an address, as a configuration with these settings does. */
export function openedState(
  url: string,
  settings: object = {},
  options: { readonly timings?: LeaseTimings; readonly host?: string } = {},
): Promise<PostgresStateStore> {
  return openPostgresState({
    ...{ stateFile: '/lab.json', baseDir: '/', environment: {}, logger: silentLogger },
    settings: postgresSettings.parse({ url, secretsKey: SECRETS_KEY, ...settings }),
    timings: SOON,
    ...options,
  });
}
