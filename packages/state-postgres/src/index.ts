import { postgresStatePlugin } from './postgres-state-plugin.js';

export { openPostgresState, type PostgresState, type PostgresStateRequest } from './open-postgres-state.js';
export { type PostgresSettings, postgresSettings } from './postgres-settings.js';
export { postgresStatePlugin };
export default postgresStatePlugin;
