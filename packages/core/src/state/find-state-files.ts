import { open, readdir } from 'node:fs/promises';
import path from 'node:path';
import { parseState } from './parse-state.js';
import type { StateDocument } from './state-document.js';

/** What holds the secrets of a state file's nodes, and names them as well. */
const SECRETS = /(?:^|\.)node-secrets\.json$/u;
/** No state file is larger, in bytes. */
const MAX_BYTES = 16 * 1024 * 1024;

/** The state files in a cache directory, whatever their names: several configurations may share one. */
export async function findStateFiles(cacheDir: string): Promise<string[]> {
  return (await statesIn(cacheDir)).map(({ file }) => file);
}

/** What the state files in a cache directory say. What is no state file, or damaged, is none. */
export async function statesIn(
  cacheDir: string,
): Promise<readonly { readonly file: string; readonly state: StateDocument }[]> {
  const entries = await readdir(cacheDir, { withFileTypes: true }).catch(() => []);
  const names = entries.filter((entry) => entry.isFile()).map(({ name }) => name);
  const found: { file: string; state: StateDocument }[] = [];
  for (const name of names.filter((each) => !each.startsWith('.') && !SECRETS.test(each))) {
    const file = path.join(cacheDir, name);
    const state = await stateIn(file).catch(() => undefined); // gone meanwhile, or not ours to read
    if (state !== undefined) found.push({ file, state });
  }
  return found;
}

async function stateIn(file: string): Promise<StateDocument | undefined> {
  await using handle = await open(file);
  const { size } = await handle.stat();
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(1), 0, 1, 0);
  if (size > MAX_BYTES || bytesRead === 0 || buffer.toString() !== '{') return undefined;
  const text = await handle.readFile('utf8'); // from where reading was: the position is given above
  return /"Node[1-4]"/u.test(text) ? parseState(text, file) : undefined;
}
