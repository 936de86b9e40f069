import stringWidth from 'string-width';
import wrapAnsi from 'wrap-ansi';

/** The lines of a text in a column of that width: broken between words, and after the slashes of a path. */
export function linesIn(cell: string, width: number): readonly string[] {
  const text = cell
    .split(/(?<= )/)
    .map((word) => (widthOf(word.trimEnd()) > width ? brokenAfterSlashes(word, width) : word))
    .join('');
  return linesOf(wrapAnsi(text, width, { hard: true }));
}

/** What is never broken where there is room for it. */
export function piecesOf(cell: string): readonly string[] {
  return cell.split(/\s/).flatMap(partsOf);
}

/** The lines that a text has by itself. */
export function linesOf(cell: string): readonly string[] {
  return cell.split('\n');
}

/** How many columns a line takes. */
export function widthOf(text: string): number {
  return stringWidth(text);
}

/** As many parts of a path in a line as fit. */
function brokenAfterSlashes(path: string, width: number): string {
  const lines: string[] = [];
  for (const part of partsOf(path)) {
    const line = `${lines.at(-1) ?? ''}${part}`;
    if (lines.length > 0 && widthOf(line.trimEnd()) <= width) lines[lines.length - 1] = line;
    else lines.push(part);
  }
  return lines.join('\n');
}

/** A name with one slash, `@scope/name`, is none that is broken. */
function partsOf(path: string): readonly string[] {
  const parts = path.split(/(?<=\/)(?!\/)/);
  return parts.length > 2 ? parts : [path];
}
