/** Where what begins with `{` opened something that nobody closed. */
export interface Unclosed {
  readonly opened: '{' | '[' | '"';
  /** In the text, counted from zero. */
  readonly offset: number;
}

interface Opened {
  readonly bracket: '{' | '[';
  readonly offset: number;
  /** Where its line begins. */
  readonly line: number;
  /** Blanks before what stands first in that line. */
  readonly indent: number;
}

/**
 * Finds the bracket or quote of a JSON document that is not closed; undefined where all are.
 *
 * @remarks Brackets that are closed in a line of their own are closed where their own lines begin: by that the one that is
 * meant is told from those around it. A quote ends in its line.
 */
export function unclosedInJson(text: string): Unclosed | undefined {
  const open: Opened[] = [];
  let start = 0;
  for (const line of text.split('\n')) {
    const indent = line.length - line.trimStart().length;
    for (let at = 0; at < line.length; at += 1) {
      const letter = line[at];
      if (letter === '"') {
        const end = endOfString(line, at);
        if (end === undefined) return { opened: '"', offset: start + at };
        at = end;
      } else if (letter === '{' || letter === '[')
        open.push({ bracket: letter, offset: start + at, line: start, indent });
      else if (letter === '}' || letter === ']') {
        const last = open.pop();
        if (last === undefined) return undefined; // one too many: that is another mistake
        const isFirst = at === indent;
        const isOfAnother = isFirst && last.line < start && last.indent > indent;
        if (CLOSES[last.bracket] !== letter || isOfAnother)
          return { opened: last.bracket, offset: last.offset };
      }
    }
    start += line.length + 1;
  }
  const left = open.at(-1);
  return left && { opened: left.bracket, offset: left.offset };
}

const CLOSES = { '{': '}', '[': ']' } as const;

function endOfString(line: string, start: number): number | undefined {
  for (let at = start + 1; at < line.length; at += 1) {
    if (line[at] === '\\') at += 1;
    else if (line[at] === '"') return at;
  }
  return undefined;
}
