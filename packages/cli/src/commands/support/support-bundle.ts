import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { ConfigFile } from '@turingpi/core';
import { readConfigFile } from '@turingpi/core/plugin';
import { NODE_IDS } from '@turingpi/foundation';
import envPaths from 'env-paths';
import { type BoardOptions, openBoard } from '../../board/open-board.js';
import { configFileIn } from '../../cluster/config-file-in.js';
import { findConfigFile } from '../../cluster/open-cluster.js';
import { EXIT } from '../../process/exit-codes.js';
import { onInterruption } from '../../process/interruption.js';
import type { Terminal } from '../../process/terminal.js';
import { UsageError } from '../../process/usage-error.js';
import { renderError } from '../../render/error.js';
import {
  consoleExcerpt,
  events,
  findings,
  firmware,
  logTail,
  shape,
  versions,
} from '../../support/bundle-sections.js';
import { knownSecrets } from '../../support/known-secrets.js';
import { type BundleSection, renderBundle } from '../../support/render-bundle.js';
import { scrubText } from '../../support/scrub-text.js';
import { cacheDirectoryOf, findRuns } from '../run/run-location.js';

export interface SupportBundleOptions extends BoardOptions {
  readonly output?: string;
  /** Ask nothing of the board. */
  readonly offline?: boolean;
}

/**
 * `turingpi support-bundle [RUN]`: what somebody needs who is to help, in one file: versions, what the configuration is made
 * of, the firmware, a run, the log, the consoles. Nothing is changed, and what cannot be had is said in its place.
 */
export async function supportBundle(
  run: string | undefined,
  options: SupportBundleOptions,
  terminal: Terminal,
): Promise<number> {
  using interruption = onInterruption(() => undefined);
  const { signal } = interruption;
  const { cwd, environment } = terminal;
  const sections: BundleSection[] = [];
  const add = async (title: string, make: () => Promise<string> | string): Promise<void> => {
    let text: string;
    try {
      text = await make();
    } catch (error) {
      signal.throwIfAborted();
      text = `not there: ${renderError(error, { verbose: false })}`;
    }
    sections.push({ title, text });
  };

  const configured = await readConfigured(options, cwd);
  const file = configured instanceof Error ? undefined : configured;
  await add('Versions', () => versions(file?.baseDir ?? cwd));
  if (configured !== undefined)
    await add('Configuration, without its values', () =>
      configured instanceof Error ? Promise.reject(configured) : shape(configured),
    );
  const cacheDir =
    file === undefined
      ? envPaths('tpi', { suffix: '' }).cache
      : await cacheDirectoryOf({ config: file.source }, cwd);
  await add('Run', async () => events(await findRuns({ cacheDir }, terminal), run));
  await add('Log', () => logTail(cacheDir));
  if (options.offline !== true) await addBoard();

  const secrets = await knownSecrets(file, environment, cacheDir);
  const output = path.resolve(cwd, options.output ?? `turingpi-support-${stampOf(new Date())}.md`);
  await save(output, scrubText(renderBundle(sections), secrets));
  const told = { file: output, sections: sections.map(({ title }) => title) };
  terminal.stdout.write(
    options.json === true
      ? `${JSON.stringify({ supportBundle: told })}\n`
      : `${output}\nPasswords, keys, hashes and tokens were taken out. Read it before you send it: addresses, host names and what nodes printed are in it.\n`,
  );
  return EXIT.ok;

  async function addBoard(): Promise<void> {
    try {
      await using opened = await openBoard(options, terminal);
      const { client, cluster } = opened;
      await add('Board', () => firmware(client, signal));
      await add('What doctor finds', () => findings(client, signal));
      for (const id of cluster?.config.nodes.keys() ?? NODE_IDS)
        await add(`Console of node ${id}`, () => consoleExcerpt(client, id, signal));
    } catch (error) {
      await add('Board', () => {
        throw error;
      });
    }
  }
}

/** The configuration that is meant, or why it cannot be read; undefined where none is meant. */
async function readConfigured(
  { config, host }: SupportBundleOptions,
  cwd: string,
): Promise<ConfigFile | Error | undefined> {
  if (host !== undefined || (config === undefined && configFileIn(cwd) === undefined)) return undefined;
  try {
    return await readConfigFile(findConfigFile(config, cwd));
  } catch (error) {
    return error as Error;
  }
}

/** @throws UsageError when there is such a file already, or it cannot be written */
async function save(file: string, text: string): Promise<void> {
  try {
    await writeFile(file, text, { flag: 'wx', mode: 0o600 });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why = code === 'EEXIST' ? 'is there already' : `cannot be written: ${code ?? String(error)}`;
    throw new UsageError(`${file} ${why}`, 'Name another file with -o.');
  }
}

/** To the millisecond: two within a second are two files. */
function stampOf(date: Date): string {
  return date.toISOString().replaceAll(/[-:.]/g, '');
}
