import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { build } from 'vite';

/**
 * Turns a TypeScript module of this package into one that plain Node runs in a child process, without a build.
 *
 * @param entry - URL of the module
 * @returns Path of the JavaScript file; removed when the test ends
 */
export async function bundleForChild(entry: URL): Promise<string> {
  // Inside node_modules, so that the dependencies, which are not bundled, are found.
  const modules = createRequire(import.meta.url)
    .resolve.paths('x')
    ?.find((place) => place.endsWith('node_modules'));
  const cache = path.join(modules ?? '', '.cache');
  await mkdir(cache, { recursive: true });
  const directory = await mkdtemp(path.join(cache, 'turingpi-child-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  await build({
    configFile: false,
    logLevel: 'error',
    build: {
      ssr: fileURLToPath(entry),
      outDir: directory,
      emptyOutDir: false,
      rolldownOptions: { output: { entryFileNames: 'child.mjs', codeSplitting: false } },
    },
  });
  return path.join(directory, 'child.mjs');
}
