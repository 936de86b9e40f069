import { definePlugin, type StateStoreDriver } from '@turingpi/core/plugin';
import { openPostgresState } from './open-postgres-state.js';
import { type PostgresSettings, postgresSettings } from './postgres-settings.js';

const driver: StateStoreDriver = {
  id: 'postgres',
  summary: 'A PostgreSQL database, which several computers share.',
  settings: postgresSettings,
  open: ({ settings, ...request }) =>
    openPostgresState({ ...request, settings: settings as PostgresSettings }), // its own schema has made them
};

/** The plugin: brings the store `postgres`. */
export const postgresStatePlugin = definePlugin({
  name: '@turingpi/state-postgres',
  version: '0.1.0',
  stateStores: [driver],
});
