import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** What holds the secrets of a state file's nodes, and names them as well. */
const SECRETS = /(?:^|\.)node-secrets\.json$/u;
/** No state file is larger, in bytes. */
const MAX_BYTES = 16 * 1024 * 1024;

/**
 * The state files (docs/phases.md, "The state file") in a cache directory, whatever their names: several configurations
 * may share one.
 */
export async function findStateFiles(cacheDir: string): Promise<string[]> {
  const entries = await readdir(cacheDir, { withFileTypes: true }).catch(() => []);
  const found: string[] = [];
  for (const { name } of entries.filter(
    (entry) => entry.isFile() && !entry.name.startsWith('.') && !SECRETS.test(entry.name),
  )) {
    const path = join(cacheDir, name);
    if (await isState(path).catch(() => false)) found.push(path); // gone meanwhile, or not ours to read
  }
  return found;
}

async function isState(path: string): Promise<boolean> {
  await using file = await open(path);
  const { size } = await file.stat();
  const { buffer, bytesRead } = await file.read(Buffer.alloc(1), 0, 1, 0);
  if (size > MAX_BYTES || bytesRead === 0 || buffer.toString() !== '{') return false;
  const text = await file.readFile('utf8'); // from where reading was: the position is given above
  const state: unknown = JSON.parse(text);
  return typeof state === 'object' && state !== null && 'version' in state && /"Node[1-4]"/u.test(text);
}
