import stringWidth from 'string-width';
import wrapAnsi from 'wrap-ansi';

/** However narrow a terminal is, this many columns are left to a text. */
const LEAST = 20;

/**
 * A line, or as many as it needs where it would be too wide: broken between words, those after the first indented.
 *
 * @param columns - how wide it may be, in characters
 * @param hanging - how far the further lines are indented; default: two more than the first
 */
export function wrapped(line: string, columns = Number.POSITIVE_INFINITY, hanging?: number): string {
  if (stringWidth(line) <= columns) return line;
  const begin = /^ */.exec(line)?.[0] ?? '';
  const further = ' '.repeat(hanging ?? begin.length + 2);
  const text = wrapAnsi(line.slice(begin.length), Math.max(columns - further.length, LEAST), { hard: true });
  return `${begin}${text.replaceAll('\n', `\n${further}`)}`;
}
