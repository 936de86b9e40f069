import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Plugin } from '@turingpi/core/plugin';
import type { CommandSubject, EndedCommand } from '../command/command-cases.js';
import { ConformanceError } from './conformance-error.js';
import type { CommandInProject } from './conformance-subjects.js';

/** A plugin, and where it is. */
export interface InstalledPlugin {
  readonly plugin: Plugin;
  readonly name: string;
  readonly directory: string;
}

/** A way to run `turingpi` in a project of its own that has a plugin. */
export function runInProject(
  plugin: Pick<InstalledPlugin, 'name' | 'directory'>,
  { config }: CommandInProject,
): CommandSubject['run'] {
  return async (words) => {
    const program = await installedProgram(plugin);
    const project = await mkdtemp(path.join(tmpdir(), 'turingpi-conformance-'));
    try {
      const place = path.join(project, 'node_modules', plugin.name);
      await mkdir(path.dirname(place), { recursive: true });
      await symlink(plugin.directory, place, 'junction');
      await writeJson(path.join(project, 'package.json'), { dependencies: { [plugin.name]: '*' } });
      if (config !== undefined) await writeJson(path.join(project, 'turingpi.json'), config);
      return await run(process.execPath, [program, ...words], project);
    } finally {
      await rm(project, { recursive: true, force: true });
    }
  };
}

/** @throws ConformanceError `CONFORMANCE_SUBJECT_MISSING` when it is not installed. */
async function installedProgram({
  name,
  directory,
}: Pick<InstalledPlugin, 'name' | 'directory'>): Promise<string> {
  const places = [directory, process.cwd()].map((place) => path.join(place, 'noop.js'));
  for (const place of places) {
    try {
      const manifest = createRequire(place).resolve('@turingpi/cli/package.json');
      const { bin } = JSON.parse(await readFile(manifest, 'utf8')) as { bin: { turingpi: string } };
      return path.resolve(path.dirname(manifest), bin.turingpi);
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== 'MODULE_NOT_FOUND') throw cause;
    }
  }
  throw new ConformanceError(
    'CONFORMANCE_SUBJECT_MISSING',
    `the commands of ${name} cannot be run: there is no turingpi`,
    { hint: 'Install it beside the plugin: npm install --save-dev @turingpi/cli' },
  );
}

function run(program: string, words: readonly string[], cwd: string): Promise<EndedCommand> {
  return new Promise((resolve) => {
    execFile(program, words, { cwd }, (error, stdout, stderr) => {
      const exitCode = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
      resolve({ exitCode, stdout, stderr });
    });
  });
}

async function writeJson(file: string, content: unknown): Promise<void> {
  await writeFile(file, JSON.stringify(content));
}
