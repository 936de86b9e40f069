import type { ImageFiles } from '@turingpi/image';
import { patternOf } from './ssh-pattern.js';

/** The files of an image that a pattern of glob(7) means, in the order of their bytes, as sshd reads them. */
export async function expandGlob(root: ImageFiles, pattern: string): Promise<string[]> {
  let paths = [''];
  for (const part of pattern.split('/').filter((name) => name !== '')) {
    const found: string[] = [];
    for (const path of paths) found.push(...(await expandPart(root, path, part)));
    paths = found;
  }
  return paths;
}

async function expandPart(root: ImageFiles, directory: string, part: string): Promise<string[]> {
  if (!/[*?]/.test(part)) return (await root.exists(`${directory}/${part}`)) ? [`${directory}/${part}`] : [];
  const stat = (await root.exists(directory || '/')) ? await root.stat(directory || '/') : undefined;
  if (stat?.type !== 'directory') return [];
  const pattern = patternOf(part);
  return (await root.list(directory || '/'))
    .map(({ name }) => name)
    .filter((name) => pattern.test(name) && (!name.startsWith('.') || part.startsWith('.')))
    .sort((one, other) => Buffer.compare(Buffer.from(one), Buffer.from(other)))
    .map((name) => `${directory}/${name}`);
}
