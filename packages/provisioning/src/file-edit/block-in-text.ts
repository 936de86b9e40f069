/** Lines between two marks that are ours. */
export interface BlockEdit {
  /** Tells blocks of one file apart. */
  readonly name: string;
  /** Its lines; empty: the block goes, with its marks. */
  readonly block: string;
  /** What begins a comment in this file. Default `#`. */
  readonly comment?: string | undefined;
}

/**
 * The text with a block in it, in its place where there is one and at the end otherwise; the same text where it is so
 * already. A mark without its other end is none.
 */
export function blockInText(text: string, { name, block, comment = '#' }: BlockEdit): string {
  const [begin, end] = [`${comment} BEGIN turingpi ${name}`, `${comment} END turingpi ${name}`];
  const lines = text === '' ? [] : text.replace(/\n$/, '').split('\n');
  const last = lines.lastIndexOf(end);
  const first = last < 0 ? -1 : lines.lastIndexOf(begin, last);
  const body = block.replace(/\n$/, '');
  const wanted = body === '' ? [] : [begin, ...body.split('\n'), end];
  const made =
    first < 0 ? [...lines, ...wanted] : [...lines.slice(0, first), ...wanted, ...lines.slice(last + 1)];
  if (made.length === lines.length && made.every((line, at) => line === lines[at])) return text;
  return made.length === 0 ? '' : `${made.join('\n')}\n`;
}
