import { mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { type CliResult, runCli } from './run-cli.js';

const RECORDER = path.join(import.meta.dirname, 'record-start-up.mjs');

/** What a run of the command did before it ended. */
export interface StartUp extends CliResult {
  /** Packages of `node_modules` and of ours of which something was loaded, each once, in a bundle too. */
  readonly packages: ReadonlySet<string>;
  /** How many files were loaded. */
  readonly files: number;
  /** How many connections were begun. */
  readonly connections: number;
}

/** Runs the built `turingpi` and tells what it loads. */
export async function recordStartUp(parameters: readonly string[], cwd: string): Promise<StartUp> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'turingpi-start-up-'));
  try {
    const file = path.join(folder, 'start-up');
    const env = { NODE_OPTIONS: `--import=${RECORDER}`, TURINGPI_TEST_START_UP: file };
    const result = await runCli(parameters, { cwd, env });
    const lines = (await readFile(file, 'utf8')).split('\n');
    const loaded = new Set(lines.filter((line) => line.startsWith('load ') && !line.includes('load node:')));
    const sources = await Promise.all([...loaded].map(sourcesOf));
    const packages = sources
      .flat()
      .map((file) => /.*\/(?:node_modules|packages)\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1]);
    return {
      ...result,
      packages: new Set(packages.filter((name) => name !== undefined)),
      files: loaded.size,
      connections: lines.filter((line) => line === 'connect').length,
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** What a file was made from, as its source map says, where it is of the bundle. */
async function sourcesOf(line: string): Promise<readonly string[]> {
  const file = line.replace(/^load (?:file:\/\/)?/, '');
  if (!file.includes('/dist/bundled/')) return [file];
  const map = await readFile(`${file}.map`, 'utf8').catch(() => '{ "sources": [] }'); // what the bundler adds has none
  const { sources } = JSON.parse(map) as { readonly sources: readonly string[] };
  return sources.map((source) => path.resolve(path.dirname(file), source));
}
