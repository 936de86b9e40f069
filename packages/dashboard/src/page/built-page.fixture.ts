import { mkdir, readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { ProcessLock } from '@turingpi/foundation';
import { build } from 'vite';

const PACKAGE = path.resolve(import.meta.dirname, '../..');

/** Builds the page when its sources are newer; test files that run at once wait for each other. */
export async function ensureBuiltPage(): Promise<void> {
  await mkdir(path.join(PACKAGE, 'dist'), { recursive: true });
  const lock = await ProcessLock.acquire(path.join(PACKAGE, 'dist/built-page'));
  try {
    await buildWhenStale();
  } finally {
    await lock[Symbol.asyncDispose]();
  }
}

async function buildWhenStale(): Promise<void> {
  const [built, changed] = await Promise.all([
    oldest(['dist/built-page/page.js', 'dist/built-page/page.css']),
    newest(['page', 'src/model', 'vite.config.ts']),
  ]);
  if (built > changed) return;
  await build({ root: PACKAGE, configFile: path.join(PACKAGE, 'vite.config.ts'), logLevel: 'error' });
}

async function oldest(names: readonly string[]): Promise<number> {
  const times = names.map((name) => stat(path.join(PACKAGE, name)).then(({ mtimeMs }) => mtimeMs));
  return Math.min(...(await Promise.all(times).catch(() => [0])));
}

async function newest(names: readonly string[]): Promise<number> {
  const times = await Promise.all(
    names.map(async (name) => {
      const file = path.join(PACKAGE, name);
      const { mtimeMs } = await stat(file);
      const inside = await readdir(file).catch(() => []);
      return Math.max(
        mtimeMs,
        inside.length === 0 ? 0 : await newest(inside.map((each) => `${name}/${each}`)),
      );
    }),
  );
  return Math.max(...times);
}
