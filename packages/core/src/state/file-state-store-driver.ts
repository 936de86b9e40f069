import { FileStateStore } from './file-state-store.js';
import type { StateStoreDriver } from './state-stores.js';

/** The store that is used unless the configuration chooses another one. */
export const FILE_STATE_STORE: StateStoreDriver = {
  id: 'file',
  summary: 'A JSON file in the cache directory, with a file beside it for each journal.',
  open: ({ stateFile, logger, now, timings }) =>
    new FileStateStore(stateFile, { logger, now, ...(timings === undefined ? {} : { timings }) }),
};
