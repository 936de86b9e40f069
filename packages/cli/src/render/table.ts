import { linesIn, linesOf, piecesOf, widthOf } from './cell-lines.js';

/** Characters between two columns. */
const GAP = 2;

/**
 * Rows below a head, without lines around them: they are read by people, and searched and cut by programs. Where it would be
 * too wide the widest cells are wrapped, between words and after the slashes of a path; where words would have to be broken,
 * each row is a list instead, a line for each cell.
 *
 * @param rows - as many cells as the head has, of one line or of several
 * @param columns - how wide it may be, in characters
 */
export function renderTable(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  columns = Number.POSITIVE_INFINITY,
): string {
  const all = [head, ...rows];
  const widest = (pieces: (cell: string) => readonly string[]) =>
    head.map((_, index) => Math.max(...all.flatMap((row) => pieces(row[index] ?? '').map(widthOf))));
  const widths = fitted({ natural: widest(linesOf), least: widest(piecesOf) }, columns);
  return widths === undefined
    ? renderLists(head, rows, columns)
    : all.map((row) => renderRow(row, widths)).join('');
}

/** As many lines as its longest cell needs. */
function renderRow(row: readonly string[], widths: readonly number[]): string {
  const cells = widths.map((width, index) => linesIn(row[index] ?? '', width));
  const lines = Array.from({ length: Math.max(...cells.map(({ length }) => length)) }, (_, line) =>
    cells.map((cell, index) => padded(cell[line] ?? '', (widths[index] ?? 0) + GAP)).join(''),
  );
  return lines.map((line) => `${line.trimEnd()}\n`).join('');
}

/** Every row as a list of what is in its cells, behind the name of the column; with an empty line between two. */
function renderLists(head: readonly string[], rows: readonly (readonly string[])[], columns: number): string {
  const label = Math.max(...head.map(widthOf));
  const widths = [label, Math.max(1, columns - label - GAP)];
  const lists = rows.map((row) =>
    head.map((name, index) => (row[index] ? renderRow([name, row[index]], widths) : '')).join(''),
  );
  return lists.join('\n');
}

function padded(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - widthOf(text)));
}

/** Takes from the widest column that can give, one character after the other, until all of them fit; undefined if they cannot. */
function fitted(
  { natural, least }: Readonly<Record<'natural' | 'least', readonly number[]>>,
  columns: number,
): readonly number[] | undefined {
  const widths = [...natural];
  const gaps = GAP * (widths.length - 1);
  while (widths.reduce((sum, width) => sum + width, gaps) > columns) {
    const most = Math.max(...widths.filter((width, index) => width > (least[index] ?? 0)));
    const widest = widths.findIndex((width, index) => width === most && width > (least[index] ?? 0));
    if (widest < 0) return undefined;
    widths[widest] = most - 1;
  }
  return widths;
}
