import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { type Document, isMap, isScalar, LineCounter, parseDocument, visit } from 'yaml';
import { ConfigError } from '../errors/config-error.js';
import { decodeText } from './decode-text.js';
import { describeYamlErrors } from './describe-yaml-errors.js';
import type { ConfigPlace } from './config-invalid.js';
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
      { cause, hint: missing ? MAKE_ONE : 'See whether it is a file, and yours to read.' },
    );
  }
  const lines = new LineCounter();
  const placeAt = (offset: number): ConfigPlace => {
    const { line, col: column } = lines.linePos(offset);
    return { line, column };
  };
  const unreadable = (problems: readonly FileProblem[], cause?: unknown) =>
    errorOf('CONFIG_UNREADABLE', file, problems, cause);
  if (text === undefined)
    throw unreadable([{ message: 'is not text in UTF-8', hint: 'Save it as UTF-8 in the editor.' }]);
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, merge: true });
  const syntax = describeYamlErrors(document, text, (offset) => lines.linePos(offset).line);
  if (syntax.length > 0)
    throw unreadable(
      syntax.map(({ offset, ...problem }) => ({ ...problem, ...placeAt(offset) })),
      document.errors[0],
    );
  const { contents } = document;
  if (!isMap(contents)) {
    const isEmpty = contents === null || (isScalar(contents) && contents.value === null);
    throw errorOf('CONFIG_INVALID', file, [
      isEmpty
        ? { message: 'is empty', hint: MAKE_ONE }
        : {
            message: NO_MAP,
            hint: `A key is followed by a colon and a blank. ${MAKE_ONE}`,
            ...placeAt(contents.range[0]),
          },
    ]);
  }
  const input = toPlainData(document, ({ offset, ...problem }) =>
    unreadable([{ ...problem, ...(offset === undefined ? {} : placeAt(offset)) }]),
  );
  return {
    input: prepare === undefined ? input : prepare(input, (keys) => numberWrittenAt(document, keys)),
    source: file,
    baseDir: path.dirname(absolute),
    placeOf: (keys) => {
      const place = placeInDocument(document, keys);
      return place === undefined ? undefined : placeAt(place.offset);
    },
  };
}

const MAKE_ONE =
  'Make one with `turingpi init`, or name the file with -c; `turingpi demo` leaves a working example.';
const NO_MAP = 'a configuration is a map of keys, for example `ip: 192.168.1.90`';

/** What is wrong with a file as a whole, or with its syntax. */
interface FileProblem extends Partial<ConfigPlace> {
  readonly message: string;
  readonly hint: string;
}

/** Makes the error: the first problem in the message, all of them in the details, as of what is wrong in keys. */
function errorOf(
  code: 'CONFIG_UNREADABLE' | 'CONFIG_INVALID',
  file: string,
  problems: readonly FileProblem[],
  cause?: unknown,
): ConfigError {
  const [{ message, hint, line, column } = { message: 'cannot be read', hint: MAKE_ONE }] = problems;
  const place = line === undefined ? `${file} ` : `${file}:${line}:${column ?? 1}: `;
  const more = problems.length > 1 ? ` (and ${problems.length - 1} more)` : '';
  return new ConfigError(code, `${place}${message}${more}`, {
    ...(cause === undefined ? {} : { cause }),
    hint,
    details: { issues: problems.map((problem) => ({ key: '', code, ...problem })) },
  });
}

/** Aliases are resolved only here: unknown ones, and those that multiply into very much data, throw. */
function toPlainData(
  document: Document.Parsed,
  unreadable: (problem: FileProblem & { readonly offset?: number }) => ConfigError,
): unknown {
  visit(document, {
    Alias: (_, alias) => {
      if (alias.resolve(document) === undefined)
        throw unreadable({
          message: `no anchor &${alias.source} stands before *${alias.source}`,
          hint: 'A value that begins with * repeats one that is marked with &; what is meant as a text stands in quotes.',
          ...(alias.range ? { offset: alias.range[0] } : {}),
        });
    },
  });
  try {
    return document.toJS();
  } catch {
    throw unreadable({
      message: 'has aliases that multiply into more data than a configuration has',
      hint: 'Write out what is repeated.',
    });
  }
}

function numberWrittenAt(document: Document.Parsed, keys: readonly PropertyKey[]): string | undefined {
  const written = placeInDocument(document, keys)?.value;
  return isScalar(written) && typeof written.value === 'number' ? written.source : undefined;
}
