import { lstat, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { inspectPlugins } from '@turingpi/core';
import { didYouMean } from '@turingpi/core/plugin';
import { ACTIONS, BOARDS, declaredJsonSchema, OPERATING_SYSTEMS } from '@turingpi/provisioning';
import { EXIT } from '../../process/exit-codes.js';
import { PROGRAM_DIR } from '../../process/program-dir.js';
import type { Terminal } from '../../process/terminal.js';
import { UsageError } from '../../process/usage-error.js';
import { isPluginKind, type PluginKind, PLUGIN_KINDS } from './plugin-kind.js';
import { type PluginName, pluginName } from './plugin-name.js';
import { type PackageFile, pluginFiles } from './plugin-template.js';

export interface PluginNewOptions {
  /** Plain JavaScript, without a compiler. */
  readonly js?: boolean;
  readonly output?: string;
  readonly json?: boolean;
}

/** `turingpi plugin new KIND NAME`: makes a package that installs, compiles and passes its conformance suite. */
export async function pluginNew(
  kind: string,
  text: string,
  options: PluginNewOptions,
  terminal: Terminal,
): Promise<number> {
  if (!isPluginKind(kind))
    throw new UsageError(
      `there is no plugin of the kind "${kind}"${didYouMean(kind, Object.keys(PLUGIN_KINDS))}`,
      `Kinds: ${Object.keys(PLUGIN_KINDS).join(', ')}. Example: turingpi plugin new action hosts-line`,
    );
  const name = pluginName(text);
  await refuseTaken(kind, name);
  const folder = path.resolve(terminal.cwd, options.output ?? `turingpi-${kind}-${name.kebab}`);
  const files = await pluginFiles(kind, name, { plainJavaScript: options.js === true });
  await writePackage(folder, files);
  const shown = path.relative(terminal.cwd, folder) || folder;
  terminal.stdout.write(
    options.json === true
      ? `${JSON.stringify({ folder, files: files.map((file) => file.path) })}\n`
      : `${shown} has a plugin that works. Next:\n\n  cd ${shown}\n  npm install\n  npm test\n`,
  );
  return EXIT.ok;
}

/** What the command brings would be in the way of a plugin with the same id. @throws UsageError */
async function refuseTaken(kind: PluginKind, { kebab, camel }: PluginName): Promise<void> {
  const { registry } = await inspectPlugins({ projectDir: undefined, programDir: PROGRAM_DIR });
  const { extensions } = registry;
  const taken = {
    os: () => extensions.idsOf(OPERATING_SYSTEMS).includes(kebab),
    board: () => extensions.idsOf(BOARDS).includes(kebab),
    strategy: () => extensions.all(BOARDS).some((board) => board.strategies.some(({ id }) => id === kebab)),
    action: () => extensions.idsOf(ACTIONS).includes(camel),
  };
  const hint = 'Choose another name.';
  if (taken[kind]()) throw new UsageError(`there is a plugin with the ${kind} "${kebab}" already`, hint);
  const { properties = {} } = declaredJsonSchema(extensions) as { readonly properties?: object };
  if (Object.hasOwn(properties, camel))
    throw new UsageError(`a configuration has a key "${camel}" already`, hint);
}

/** Writes a folder whole or not at all. @throws UsageError for one that is there, or cannot be made */
async function writePackage(folder: string, files: readonly PackageFile[]): Promise<void> {
  if ((await lstat(folder).catch(() => undefined)) !== undefined)
    throw new UsageError(`${folder} is there already`, 'Remove it, or choose another folder with -o.');
  const parent = path.dirname(folder);
  let part: string | undefined;
  try {
    await mkdir(parent, { recursive: true });
    part = await mkdtemp(path.join(parent, `.${path.basename(folder)}-`));
    for (const file of files) {
      const place = path.join(part, file.path);
      await mkdir(path.dirname(place), { recursive: true });
      await writeFile(place, file.content, { flag: 'wx' });
    }
    await rename(part, folder);
  } catch (cause) {
    if (part !== undefined) await rm(part, { recursive: true, force: true });
    const { code = 'unknown' } = cause as NodeJS.ErrnoException;
    throw new UsageError(`cannot write ${folder}: ${code}`, 'Choose another folder with -o.');
  }
}
