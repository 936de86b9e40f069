import { type ConfigIssue, nearName } from '@turingpi/core/plugin';
import type { DeclarativeWorkflow } from './declarative-schema.js';

/** The names of all drivers that there are. */
export interface DriverNames {
  readonly os: readonly string[];
  readonly boards: readonly string[];
}

/** A key of `baseImages` that no node can have, with what may be meant by it. */
export interface MisnamedBaseImage {
  readonly meant: string | undefined;
  readonly issue: ConfigIssue;
}

/**
 * Finds the base images that are for no operating system or board there is.
 *
 * @param names - undefined: nothing is known to be wrong
 */
export function misnamedBaseImages(
  { baseImages }: Pick<DeclarativeWorkflow, 'baseImages'>,
  names: DriverNames | undefined,
): readonly MisnamedBaseImage[] {
  if (names === undefined) return [];
  return Object.keys(baseImages).flatMap((key): MisnamedBaseImage[] => {
    const [os = '', board, ...more] = key.split('/');
    const isOs = names.os.includes(os);
    const isBoard = board === undefined || names.boards.includes(board);
    if (isOs && isBoard && more.length === 0) return [];
    const meantOs = isOs ? os : nearName(os, names.os);
    const meantBoard = board === undefined || isBoard ? board : nearName(board, names.boards);
    const isMeant = meantOs !== undefined && (board === undefined || meantBoard !== undefined);
    const meant = isMeant ? [meantOs, meantBoard].filter((name) => name !== undefined).join('/') : undefined;
    const known = `operating systems: ${names.os.join(', ') || 'none'}; boards: ${names.boards.join(', ') || 'none'}`;
    const message =
      meant === undefined
        ? `names no operating system, or operating system and board, that a plugin brings (${known})`
        : `names nothing that a plugin brings, did you mean \`${meant}\`?`;
    return [{ meant, issue: { path: ['workflow', 'baseImages', key], message } }];
  });
}

/** Whether a node without a base image lacks one, rather than that its own names or those of its image are misspelt. */
export function lacksBaseImage(
  os: string,
  board: string,
  {
    names,
    misnamed,
  }: { readonly names: DriverNames | undefined; readonly misnamed: readonly MisnamedBaseImage[] },
): boolean {
  if (names !== undefined && !(names.os.includes(os) && names.boards.includes(board))) return false;
  return !misnamed.some(({ meant }) => meant === os || meant === `${os}/${board}`);
}
