import stringWidth from 'string-width';
import wrapAnsi from 'wrap-ansi';

/** Characters between two columns. */
const GAP = 2;
/** No column is made narrower than this many characters. */
const LEAST = 8;

/**
 * Rows below a head, without lines around them: they are read by people, and searched and cut by programs.
 *
 * @param rows - as many cells as the head has, of one line or of several
 * @param columns - how wide it may be, in characters; where it would be wider, the widest cells are wrapped
 */
export function renderTable(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  columns = Number.POSITIVE_INFINITY,
): string {
  const all = [head, ...rows];
  const natural = head.map((_, index) =>
    Math.max(...all.flatMap((row) => linesOf(row[index]).map((line) => stringWidth(line)))),
  );
  const widths = fitted(natural, columns);
  return all.map((row) => renderRow(row, widths)).join('');
}

/** As many lines as its longest cell needs. */
function renderRow(row: readonly string[], widths: readonly number[]): string {
  const cells = widths.map((width, index) => wrapAnsi(row[index] ?? '', width, { hard: true }).split('\n'));
  const lines = Array.from({ length: Math.max(...cells.map(({ length }) => length)) }, (_, line) =>
    cells.map((cell, index) => padded(cell[line] ?? '', (widths[index] ?? 0) + GAP)).join(''),
  );
  return lines.map((line) => `${line.trimEnd()}\n`).join('');
}

function linesOf(cell = ''): readonly string[] {
  return cell.split('\n');
}

function padded(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - stringWidth(text)));
}

/** Takes from the widest column, one character after the other, until all of them fit. */
function fitted(natural: readonly number[], columns: number): readonly number[] {
  const widths = [...natural];
  const gaps = GAP * (widths.length - 1);
  while (widths.reduce((sum, width) => sum + width, gaps) > columns) {
    const most = Math.max(...widths);
    if (most <= LEAST) break;
    widths[widths.indexOf(most)] = most - 1;
  }
  return widths;
}
