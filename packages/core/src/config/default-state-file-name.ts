/** The state file's name when the configuration gives none. */
export const DEFAULT_STATE_FILE_NAME = 'tpi_state.json';
