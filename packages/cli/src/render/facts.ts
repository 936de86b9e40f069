import { linesIn, widthOf } from './cell-lines.js';

/** Characters between a name and what is said of it. */
const GAP = 2;
/** However narrow a terminal is, this many columns are left to a text. */
const LEAST = 20;

/**
 * Names with what is said of each, a line for one; what is too wide goes on below, between words and after the slashes of a
 * path.
 *
 * @param columns - how wide it may be, in characters
 */
export function renderFacts(
  facts: readonly (readonly [string, string])[],
  columns = Number.POSITIVE_INFINITY,
): string {
  const label = Math.max(...facts.map(([name]) => widthOf(name))) + GAP;
  const width = Math.max(columns - label, LEAST);
  return facts
    .flatMap(([name, text]) =>
      linesIn(text, width).map((line, index) => (index === 0 ? name : '').padEnd(label) + line.trimEnd()),
    )
    .map((line) => `${line}\n`)
    .join('');
}
