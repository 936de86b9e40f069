import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { type Document, isAlias, isMap, isNode, isSeq, LineCounter, parseDocument } from 'yaml';
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
  const unreadable = (at: string, cause: Error) =>
    new ConfigError('CONFIG_UNREADABLE', `${at}: ${cause.message}`, {
      cause,
      hint: 'The file must be YAML or JSON.',
    });
  const [error] = document.errors;
  if (error) throw unreadable(`${file}:${lines.linePos(error.pos[0]).line}`, error);
  return {
    input: toPlainData(document, (cause) => unreadable(file, cause)),
    source: file,
    baseDir: path.dirname(absolute),
    lineOf: (keys) => {
      const offset = offsetOf(document, keys);
      return offset === undefined ? undefined : lines.linePos(offset).line;
    },
  };
}

/** Aliases are resolved only here: unknown ones, and those that multiply into very much data, throw. */
function toPlainData(document: Document.Parsed, unreadable: (cause: Error) => ConfigError): unknown {
  try {
    return document.toJS();
  } catch (cause) {
    throw unreadable(cause instanceof Error ? cause : new Error(String(cause)));
  }
}

/** Where in the text a key is written; where it is missing, the innermost key around it. */
function offsetOf(document: Document.Parsed, keys: readonly PropertyKey[]): number | undefined {
  let offset: number | undefined;
  let current: unknown = document.contents;
  for (const key of keys) {
    if (isAlias(current)) current = current.resolve(document);
    let place: unknown;
    if (isMap(current)) {
      // YAML's keys are nodes of any type; ours are plain scalars.
      const pair = current.items.find((item) => String(item.key) === String(key));
      place = pair?.key;
      current = pair?.value;
    } else if (isSeq(current)) {
      place = current.items[Number(key)];
      current = place;
    } else return offset;
    if (!isNode(place)) return offset;
    offset = place.range?.[0] ?? offset;
  }
  return offset;
}
