import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { type Document, isMap, isScalar, LineCounter, parseDocument, visit } from 'yaml';
import { ConfigError } from '../errors/config-error.js';
import { decodeText } from './decode-text.js';
import type { ParseConfigOptions } from './parse-config.js';
import { placeInDocument } from './place-in-document.js';
import { expandHome } from './resolve-path.js';

/** A configuration file, read but not validated. */
export interface ConfigFile extends Required<Pick<ParseConfigOptions, 'source' | 'baseDir' | 'placeOf'>> {
  readonly input: unknown;
}

/** Tells how a value is written in the file: the source text of a number that YAML reads in one way and people in another. */
export type WrittenAt = (keys: readonly PropertyKey[]) => string | undefined;

/** Makes of what a file says what is meant by it, before it is validated. */
export type PrepareInput = (input: unknown, writtenAt: WrittenAt) => unknown;

/**
 * Reads a YAML or JSON configuration file (JSON is YAML).
 *
 * @throws ConfigError `CONFIG_NOT_FOUND` or `CONFIG_UNREADABLE` with the line of the syntax error; `CONFIG_INVALID` for
 * what is no map of keys.
 */
export async function readConfigFile(file: string, prepare?: PrepareInput): Promise<ConfigFile> {
  const absolute = path.resolve(expandHome(file));
  let text: string | undefined;
  try {
    text = decodeText(await readFile(absolute));
  } catch (cause) {
    const missing = (cause as NodeJS.ErrnoException).code === 'ENOENT';
    throw new ConfigError(
      missing ? 'CONFIG_NOT_FOUND' : 'CONFIG_UNREADABLE',
      missing ? `there is no configuration file ${file}` : `${file} cannot be read`,
      { cause, hint: 'Name the file with -c, or make one: `turingpi demo` leaves a working example.' },
    );
  }
  const lines = new LineCounter();
  const unreadable = (at: string, cause: Error) =>
    new ConfigError('CONFIG_UNREADABLE', `${at}: ${cause.message}`, {
      cause,
      hint: 'The file must be YAML or JSON.',
    });
  if (text === undefined) throw unreadable(file, new Error('it is not text in UTF-8'));
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, merge: true });
  const [error] = document.errors;
  const lineAt = (offset: number): string => `${file}:${lines.linePos(offset).line}`;
  if (error?.code === 'MULTIPLE_DOCS')
    throw unreadable(lineAt(error.pos[0]), new Error('another document begins; a configuration is one'));
  if (error) throw unreadable(lineAt(error.pos[0]), error);
  const { contents } = document;
  if (!isMap(contents))
    throw new ConfigError(
      'CONFIG_INVALID',
      contents === null || (isScalar(contents) && contents.value === null)
        ? `${file} is empty`
        : `${lineAt(contents.range[0])}: a configuration is a map of keys, for example \`ip: 192.168.1.90\``,
      { hint: '`turingpi demo` leaves a working example.' },
    );
  const input = toPlainData(document, (cause, offset) =>
    unreadable(offset === undefined ? file : lineAt(offset), cause),
  );
  return {
    input: prepare === undefined ? input : prepare(input, (keys) => numberWrittenAt(document, keys)),
    source: file,
    baseDir: path.dirname(absolute),
    placeOf: (keys) => {
      const place = placeInDocument(document, keys);
      if (place === undefined) return undefined;
      const { line, col: column } = lines.linePos(place.offset);
      return { line, column };
    },
  };
}

/** Aliases are resolved only here: unknown ones, and those that multiply into very much data, throw. */
function toPlainData(
  document: Document.Parsed,
  unreadable: (cause: Error, offset?: number) => ConfigError,
): unknown {
  visit(document, {
    Alias: (_, alias) => {
      if (alias.resolve(document) === undefined)
        throw unreadable(
          new Error(`no anchor &${alias.source} stands before *${alias.source}`),
          alias.range?.[0],
        );
    },
  });
  try {
    return document.toJS();
  } catch (cause) {
    const message = 'its aliases multiply into more data than a configuration has';
    throw unreadable(new Error(message, { cause }));
  }
}

function numberWrittenAt(document: Document.Parsed, keys: readonly PropertyKey[]): string | undefined {
  const written = placeInDocument(document, keys)?.value;
  return isScalar(written) && typeof written.value === 'number' ? written.source : undefined;
}
