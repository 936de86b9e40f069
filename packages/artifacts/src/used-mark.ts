import { readdir, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { userInfo } from 'node:os';

const MARK = '.used-by-';

/**
 * Notes that a shared file was used now: by its own time, and by the time of a mark beside it where it belongs to another
 * account, which alone may set that. Where neither can be written nothing is noted.
 */
export async function markUsed(file: string): Promise<void> {
  const now = new Date();
  try {
    await utimes(file, now, now);
  } catch {
    const mark = `${file}${MARK}${userInfo().uid}`;
    await writeFile(mark, '', { mode: 0o644 })
      .then(() => utimes(mark, now, now))
      .catch(() => undefined); // a directory that is only read: who fills it has to look after it
  }
}

/** When a file was used last by anybody, in milliseconds since the epoch; undefined when it is gone. */
export async function lastUsed(file: string): Promise<number | undefined> {
  const own = await timeOf(file);
  if (own === undefined) return undefined;
  const times = await Promise.all((await marksOf(file)).map(timeOf));
  return Math.max(own, ...times.flatMap((time) => time ?? []));
}

/** Removes a file with its marks. */
export async function removeWithMarks(file: string): Promise<void> {
  for (const each of [file, ...(await marksOf(file))]) await rm(each, { force: true });
}

async function marksOf(file: string): Promise<string[]> {
  const [folder, name] = [dirname(file), basename(file)];
  const beside = await readdir(folder);
  return beside.filter((each) => each.startsWith(`${name}${MARK}`)).map((each) => join(folder, each));
}

function timeOf(file: string): Promise<number | undefined> {
  return stat(file).then(
    ({ mtimeMs }) => mtimeMs,
    () => undefined,
  );
}
