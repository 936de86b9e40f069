import { parseTemporaryName, temporaryName } from '../leftovers/temporary-name.js';

/** Names the process that a working directory belongs to. */
export const OWNER_FILE = 'owner.json';

const BASE_NAME = 'working-copy';

/** What the directory of a working copy is called. */
export function workingDirectoryName(): Promise<string> {
  return temporaryName(BASE_NAME);
}

/** Tells whether a name is that of a working directory. */
export function isWorkingDirectoryName(name: string): boolean {
  return name.startsWith(`.${BASE_NAME}.`) && parseTemporaryName(name) !== undefined;
}
