import { readWord, ShellSyntaxError, type Word } from './shell-word.js';

/** A part of a script: a word, what stands between commands, or what sends input and output elsewhere. */
export type Token =
  | { readonly kind: 'word'; readonly word: Word; readonly plain: string | undefined }
  | { readonly kind: 'operator'; readonly text: string }
  | { readonly kind: 'redirection'; readonly descriptor: 0 | 1 | 2; readonly text: string };

const OPERATORS = ['&&', '||', ';;', ';', '|', '&', '(', ')'] as const;

/**
 * Takes a script apart.
 *
 * @throws ShellSyntaxError for what is not simulated: here documents, background jobs, `case`.
 */
export function tokenize(source: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < source.length) {
    const rest = source.slice(at);
    const blank = /^(?:[ \t\r]|\\\n)+/.exec(rest)?.[0];
    const redirection = /^([012]?)(<<|>>|>&|<&|&>|>|<)/.exec(rest);
    const operator = OPERATORS.find((candidate) => rest.startsWith(candidate));
    if (blank !== undefined) at += blank.length;
    else if (rest.startsWith('#')) at += /^[^\n]*/.exec(rest)?.[0].length ?? 0;
    else if (rest.startsWith('\n')) {
      tokens.push({ kind: 'operator', text: '\n' });
      at += 1;
    } else if (redirection !== null) {
      const [whole, digit = '', text = ''] = redirection;
      if (text === '<<') throw new ShellSyntaxError('here documents are not simulated');
      const descriptor =
        digit === '' ? (text.startsWith('<') ? 0 : 1) : digit === '0' ? 0 : digit === '1' ? 1 : 2;
      tokens.push({ kind: 'redirection', descriptor, text });
      at += whole.length;
    } else if (operator !== undefined) {
      if (operator === '&' || operator === ';;') throw new ShellSyntaxError(`"${operator}" is not simulated`);
      tokens.push({ kind: 'operator', text: operator });
      at += operator.length;
    } else {
      const { word, end } = readWord(source, at);
      const plain = word.every((part) => part.kind === 'text' && !part.quoted)
        ? source.slice(at, end)
        : undefined;
      tokens.push({ kind: 'word', word, plain });
      at = end;
    }
  }
  return tokens;
}

/** Whether a token is a word as it was written: nothing of it is quoted or expanded. */
export function isPlain(token: Token): token is Token & { readonly kind: 'word'; readonly plain: string } {
  return token.kind === 'word' && token.plain !== undefined;
}

export function isOperator(
  token: Token | undefined,
  text: string,
): token is Token & { readonly kind: 'operator' } {
  return token?.kind === 'operator' && token.text === text;
}
