import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { isNode, LineCounter, parseDocument } from 'yaml';
import { ConfigError } from '../errors/config-error.js';
import type { ParseConfigOptions } from './parse-config.js';

/** A configuration file, read but not validated. */
export interface ConfigFile extends Required<Pick<ParseConfigOptions, 'source' | 'baseDir' | 'lineOf'>> {
  readonly input: unknown;
}

/**
 * Reads a YAML or JSON configuration file (JSON is YAML).
 *
 * @throws ConfigError `CONFIG_NOT_FOUND` or `CONFIG_UNREADABLE` with the line of the syntax error.
 */
export async function loadConfig(file: string): Promise<ConfigFile> {
  const absolute = path.resolve(file);
  let text: string;
  try {
    text = await readFile(absolute, 'utf8');
  } catch (cause) {
    const missing = (cause as NodeJS.ErrnoException).code === 'ENOENT';
    throw new ConfigError(
      missing ? 'CONFIG_NOT_FOUND' : 'CONFIG_UNREADABLE',
      missing ? `there is no configuration file ${file}` : `${file} cannot be read`,
      { cause, hint: 'Name the file with -c, or make one: `turingpi demo` leaves a working example.' },
    );
  }
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const [error] = document.errors;
  if (error)
    throw new ConfigError(
      'CONFIG_UNREADABLE',
      `${file}:${lines.linePos(error.pos[0]).line}: ${error.message}`,
      {
        cause: error,
        hint: 'The file must be YAML or JSON.',
      },
    );
  return {
    input: document.toJS() as unknown,
    source: file,
    baseDir: path.dirname(absolute),
    lineOf: (keys) => {
      for (let length = keys.length; length > 0; length -= 1) {
        const found = document.getIn(keys.slice(0, length), true);
        if (isNode(found) && found.range) return lines.linePos(found.range[0]).line;
      }
      return undefined;
    },
  };
}
