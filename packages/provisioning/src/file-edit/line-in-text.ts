/** A line that a text is to have, or not to have. */
export interface LineEdit {
  readonly line: string;
  /** A regular expression: the last line that it fits becomes the line. With `absent`, every such line goes. */
  readonly match?: string | undefined;
  /** A regular expression: a new line comes after the last line that it fits. Default: at the end. */
  readonly after?: string | undefined;
  readonly absent?: boolean | undefined;
}

/** The text with a line in it, or without; the same text where it is so already. */
export function lineInText(text: string, { line, match, after, absent = false }: LineEdit): string {
  const lines = text === '' ? [] : text.replace(/\n$/, '').split('\n');
  const fits = match === undefined ? undefined : new RegExp(match);
  if (absent) {
    const kept = lines.filter((one) => one !== line && fits?.test(one) !== true);
    return kept.length === lines.length ? text : joined(kept);
  }
  const at = fits === undefined ? -1 : lines.findLastIndex((one) => fits.test(one));
  if (at >= 0) {
    if (lines[at] === line) return text;
    return joined(lines.with(at, line));
  }
  if (lines.includes(line)) return text;
  const anchor = after === undefined ? -1 : lines.findLastIndex((one) => new RegExp(after).test(one));
  return joined(anchor < 0 ? [...lines, line] : lines.toSpliced(anchor + 1, 0, line));
}

function joined(lines: readonly string[]): string {
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`;
}
