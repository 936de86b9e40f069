import os from 'node:os';
import path from 'node:path';
import { resolvePath, type StateStore, type StateStoreRequest } from '@turingpi/core/plugin';
import { HttpStateStore } from './client/http-state-store.js';
import { StateRequests } from './client/state-requests.js';
import { readPem } from './read-pem.js';
import type { HttpSettings } from './settings.js';
import { stateReplySchema } from './wire/messages.js';

/** What is needed to open a state; see {@link StateStoreRequest}. */
export type HttpStateRequest = Pick<StateStoreRequest, 'stateFile' | 'logger' | 'timings' | 'baseDir'> & {
  readonly settings: HttpSettings;
  /** The name of this computer, for tests. */
  readonly host?: string;
};

/**
 * Opens the state of a cluster behind a server.
 *
 * @throws ConfigError `CONFIG_INVALID` for a file that cannot be read; StateError `STATE_UNREACHABLE`.
 */
export async function openHttpState(request: HttpStateRequest): Promise<StateStore> {
  const { settings, stateFile, logger, timings, baseDir, host = os.hostname() } = request;
  const [ca, cert, key] = await Promise.all(
    (['ca', 'cert', 'key'] as const).map((name) =>
      readPem(`state.http.${name}`, resolvePath(baseDir, settings[name])),
    ),
  );
  const address = { url: settings.url, ca: ca ?? '', cert: cert ?? '', key: key ?? '' };
  const requests = new StateRequests(address, settings.cluster ?? path.basename(stateFile, '.json'));
  try {
    const has = await requests.get(stateReplySchema, ['state'], { patienceMs: 0 }); // who begins is told at once
    return new HttpStateStore({
      ...{ requests, logger, host },
      has: { secrets: has.hasSecrets, papers: has.hasPapers },
      ...(timings === undefined ? {} : { timings }),
    });
  } catch (error) {
    requests[Symbol.dispose]();
    throw error;
  }
}
