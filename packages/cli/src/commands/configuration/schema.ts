import path from 'node:path';
import { inspectPlugins, TuringPiError } from '@turingpi/core';
import { declaredJsonSchema, loadConfig } from '@turingpi/provisioning';
import { writeFile } from 'node:fs/promises';
import { configFileIn } from '../../cluster/config-file-in.js';
import { findConfigFile } from '../../cluster/open-cluster.js';
import { COMMANDS } from '../../plugin/commands.js';
import { EXIT } from '../../process/exit-codes.js';
import { PROGRAM_DIR } from '../../process/program-dir.js';
import type { Terminal } from '../../process/terminal.js';
import { UsageError } from '../../process/usage-error.js';

/**
 * `turingpi schema`: the JSON Schema of a configuration, for editors, with what installed plugins add. The configuration is
 * asked only which plugins it names, and may be wrong.
 */
export async function schema(
  options: { readonly config?: string; readonly output?: string },
  terminal: Terminal,
): Promise<number> {
  const file =
    options.config === undefined ? configFileIn(terminal.cwd) : findConfigFile(options.config, terminal.cwd);
  const projectDir = file === undefined ? terminal.cwd : path.dirname(file);
  const { registry } = await inspectPlugins({
    projectDir,
    programDir: PROGRAM_DIR,
    extensionPoints: [COMMANDS],
    plugins: file === undefined ? [] : await pluginsNamedIn(file),
  });
  const text = `${JSON.stringify(declaredJsonSchema(registry.extensions), undefined, 2)}\n`;
  if (options.output === undefined) terminal.stdout.write(text);
  else await write(path.resolve(terminal.cwd, options.output), text);
  return EXIT.ok;
}

async function pluginsNamedIn(file: string): Promise<readonly string[]> {
  let input: unknown;
  try {
    ({ input } = await loadConfig(file));
  } catch (error) {
    // The schema is what helps to repair it.
    if (TuringPiError.is(error) && ['CONFIG_UNREADABLE', 'CONFIG_INVALID'].includes(error.code)) return [];
    throw error;
  }
  const { plugins } = input as { readonly plugins?: unknown };
  return Array.isArray(plugins) ? plugins.filter((one) => typeof one === 'string') : [];
}

async function write(file: string, text: string): Promise<void> {
  try {
    await writeFile(file, text);
  } catch (cause) {
    const { code = 'unknown' } = cause as NodeJS.ErrnoException;
    throw new UsageError(`cannot write ${file}: ${code}`, 'Choose another file with -o.');
  }
}
