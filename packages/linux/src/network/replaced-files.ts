import type { SystemFiles } from './system-files.js';

/** Where files of the image go that would compete with ours: out of every program's sight, yet not lost. */
export const REPLACED_DIRECTORY = '/var/lib/turingpi/replaced';

/** Whether a file was written by us, in an earlier customisation of the same image. */
export function isOurs(name: string): boolean {
  return name.includes('turingpi');
}

/** Moves a file of the image out of the way; what an earlier customisation moved stays, and our own file just goes. */
export async function setAside(root: SystemFiles, path: string): Promise<void> {
  const target = `${REPLACED_DIRECTORY}${path}`;
  if (isOurs(path) || (await root.exists(target))) {
    await root.remove(path);
    return;
  }
  await root.mkdir(target.slice(0, target.lastIndexOf('/')));
  await root.rename(path, target);
}

/** Names of the regular files and links in a directory; none when it is missing. */
export async function fileNames(root: SystemFiles, directory: string): Promise<string[]> {
  if (!(await root.exists(directory))) return [];
  return (await root.list(directory)).filter(({ type }) => type !== 'directory').map(({ name }) => name);
}
