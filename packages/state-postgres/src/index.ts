import { postgresStatePlugin } from './postgres-state-plugin.js';

export { openPostgresState, type PostgresStateRequest } from './open-postgres-state.js';
export { type PostgresSettings, postgresSettings } from './postgres-settings.js';
export { POSTGRES_LEASE_TIMINGS, PostgresStateStore } from './postgres-state-store.js';
export { postgresStatePlugin };
export default postgresStatePlugin;
