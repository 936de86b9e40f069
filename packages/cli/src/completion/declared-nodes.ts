import path from 'node:path';
import { parse } from 'yaml';
import type { Candidate } from './complete-words.js';

/** What a configuration declares, as far as completion needs it. */
export interface Declared {
  /** Nodes as the command line names them. */
  readonly nodes: readonly Candidate[];
  /** Absolute; undefined for the user's cache. */
  readonly cacheDir: string | undefined;
}

/**
 * Reads nodes out of a configuration that may be wrong in everything else: somebody is just writing it.
 *
 * @param baseDir - folder of the configuration, from which its relative paths start
 */
export function declaredIn(text: string, baseDir: string): Declared {
  const config = record(parsed(text));
  const boards = Object.entries(record(config['boards']));
  const cacheDir = config['cacheDir'];
  return {
    nodes: [
      ...nodesOf(config, ''),
      ...boards.flatMap(([name, board]) => [
        { value: name, about: 'all of this board' },
        ...nodesOf(record(board), `${name}/`),
      ]),
    ],
    cacheDir: typeof cacheDir === 'string' ? path.resolve(baseDir, cacheDir) : undefined,
  };
}

function nodesOf(board: Readonly<Record<string, unknown>>, prefix: string): readonly Candidate[] {
  return [1, 2, 3, 4].flatMap((id) => {
    if (!Object.hasOwn(board, `node${id}`)) return [];
    const { hostname, ip, board: type } = record(board[`node${id}`]);
    const about = [hostname, ip, type].filter((one) => typeof one === 'string').join(' ');
    return [{ value: `${prefix}${id}`, about }];
  });
}

function parsed(text: string): unknown {
  try {
    return parse(text, { logLevel: 'silent' });
  } catch {
    return undefined;
  }
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
