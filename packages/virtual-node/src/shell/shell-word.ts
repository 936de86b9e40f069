/** A piece of a word of a command line, before it is expanded. */
export type WordPart =
  | { readonly kind: 'text'; readonly text: string; readonly quoted: boolean }
  | {
      readonly kind: 'variable';
      readonly name: string;
      readonly fallback: string | undefined;
      readonly quoted: boolean;
    }
  | { readonly kind: 'command'; readonly source: string; readonly quoted: boolean }
  | { readonly kind: 'arithmetic'; readonly source: string; readonly quoted: boolean };

/** A word: what becomes one argument, or several. */
export type Word = readonly WordPart[];

/** Something in a script that this shell cannot read. */
export class ShellSyntaxError extends Error {}

const NAME = /^(?:[A-Za-z_][A-Za-z0-9_]*|[0-9]|[?#@*$!])/;

/** Reads one word beginning at a position. @returns the word and the position behind it. */
export function readWord(source: string, from: number): { readonly word: Word; readonly end: number } {
  const parts: WordPart[] = [];
  let at = from;
  while (at < source.length) {
    const char = source.charAt(at);
    if (/[\s;&|<>()]/.test(char)) break;
    if (char === "'") {
      const close = source.indexOf("'", at + 1);
      if (close < 0) throw new ShellSyntaxError('Unterminated quoted string');
      parts.push({ kind: 'text', text: source.slice(at + 1, close), quoted: true });
      at = close + 1;
    } else if (char === '"') {
      at = readDoubleQuoted(source, at + 1, parts);
    } else if (char === '\\') {
      if (source.charAt(at + 1) !== '\n')
        parts.push({ kind: 'text', text: source.charAt(at + 1), quoted: true });
      at += 2;
    } else if (char === '$' || char === '`') {
      at = readExpansion(source, at, parts, false);
    } else {
      const text = /^[^\s;&|<>()'"\\$`]+/.exec(source.slice(at))?.[0] ?? char;
      parts.push({ kind: 'text', text, quoted: false });
      at += text.length;
    }
  }
  return { word: parts, end: at };
}

function readDoubleQuoted(source: string, from: number, parts: WordPart[]): number {
  let at = from;
  let text = '';
  const flush = (): void => {
    parts.push({ kind: 'text', text, quoted: true });
    text = '';
  };
  for (;;) {
    const char = source.charAt(at);
    if (char === '') throw new ShellSyntaxError('Unterminated quoted string');
    if (char === '"') {
      flush();
      return at + 1;
    }
    if (char === '\\' && /[$`"\\\n]/.test(source.charAt(at + 1))) {
      if (source.charAt(at + 1) !== '\n') text += source.charAt(at + 1);
      at += 2;
    } else if (char === '$' || char === '`') {
      flush();
      at = readExpansion(source, at, parts, true);
    } else {
      text += char;
      at += 1;
    }
  }
}

function readExpansion(source: string, at: number, parts: WordPart[], quoted: boolean): number {
  const rest = source.slice(at);
  if (rest.startsWith('$((')) {
    const close = matching(source, at + 1);
    parts.push({ kind: 'arithmetic', source: source.slice(at + 3, close - 1), quoted });
    return close + 1;
  }
  if (rest.startsWith('$(')) {
    const close = matching(source, at + 1);
    parts.push({ kind: 'command', source: source.slice(at + 2, close), quoted });
    return close + 1;
  }
  if (rest.startsWith('`')) {
    const close = source.indexOf('`', at + 1);
    if (close < 0) throw new ShellSyntaxError('EOF in backquote substitution');
    parts.push({ kind: 'command', source: source.slice(at + 1, close), quoted });
    return close + 1;
  }
  if (rest.startsWith('${')) {
    const [whole, name, fallback] =
      /^\$\{([A-Za-z_][A-Za-z0-9_]*|[0-9?#@*])(?::-([^}]*))?\}/.exec(rest) ?? [];
    if (whole === undefined || name === undefined) {
      const asked = /^\$\{#?\w+(?::?[-=+?]|##?|%%?)?[^}]*\}/.exec(rest)?.[0];
      throw new ShellSyntaxError(asked === undefined ? 'Bad substitution' : `"${asked}" is not simulated`);
    }
    parts.push({ kind: 'variable', name, fallback, quoted });
    return at + whole.length;
  }
  const name = NAME.exec(rest.slice(1))?.[0];
  if (name === undefined) parts.push({ kind: 'text', text: '$', quoted });
  else parts.push({ kind: 'variable', name, fallback: undefined, quoted });
  return at + 1 + (name?.length ?? 0);
}

/** The position of the parenthesis that closes the one at `open`. */
function matching(source: string, open: number): number {
  let depth = 0;
  for (let at = open; at < source.length; at += 1) {
    const char = source.charAt(at);
    if (char === "'") at = closing(source, at, "'");
    else if (char === '"') at = closing(source, at, '"');
    else if (char === '\\') at += 1;
    else if (char === '(') depth += 1;
    else if (char === ')' && (depth -= 1) === 0) return at;
  }
  throw new ShellSyntaxError('end of file unexpected (expecting ")")');
}

function closing(source: string, open: number, quote: string): number {
  for (let at = open + 1; at < source.length; at += 1) {
    if (quote === '"' && source.charAt(at) === '\\') at += 1;
    else if (source.charAt(at) === quote) return at;
  }
  throw new ShellSyntaxError('Unterminated quoted string');
}
