import { type Document, isCollection, isMap, isNode, isScalar, visit, type YAMLError } from 'yaml';
import { unclosedInJson } from './unclosed-in-json.js';

/** What is wrong in the syntax of a file, where that is, and what to do. */
export interface SyntaxProblem {
  readonly message: string;
  readonly hint: string;
  /** In the text, counted from zero. */
  readonly offset: number;
}

/** Tells the line, counted from one, of a place in the text. */
type LineAt = (offset: number) => number;

/**
 * Says in plain words what is wrong in the syntax of a document. What follows from the first mistake is left out; every key
 * that stands twice is told.
 *
 * @param text - of the document
 */
export function describeYamlErrors(
  { errors, ...document }: Pick<Document.Parsed, 'errors' | 'contents'>,
  text: string,
  lineAt: LineAt,
): readonly SyntaxProblem[] {
  const [first, ...others] = errors.filter(({ code }) => code !== 'DUPLICATE_KEY');
  if (first === undefined)
    return errors
      .map((error) => ofDuplicate(error, document, text, lineAt))
      .toSorted((a, b) => a.offset - b.offset);
  const unclosed = text.trimStart().startsWith('{') ? unclosedInJson(text) : undefined;
  if (unclosed !== undefined) return [notClosed(unclosed.opened, unclosed.offset)];
  return [ofError(first, others, document.contents, text)];
}

const KEY_AND_VALUE = 'A key is followed by a colon and a blank: `key: value`.';
const INDENTATION =
  'What belongs together begins in the same column; what is below a key is two blanks further in.';
const QUOTES = "In single quotes a quote is written twice (`'it''s'`), in double quotes as \\\".";
const GENERAL = 'The file must be YAML or JSON.';

function ofError(
  error: YAMLError,
  others: readonly YAMLError[],
  contents: unknown,
  text: string,
): SyntaxProblem {
  const [offset] = error.pos;
  const told = (message: string, hint: string, at = offset): SyntaxProblem => ({ message, hint, offset: at });
  switch (error.code) {
    case 'MULTIPLE_DOCS':
      return told(
        'another document begins; a configuration is one',
        'Remove the line `---`, or what follows it.',
      );
    case 'TAB_AS_INDENT':
      return ofTab(offset);
    case 'BAD_INDENT':
      if (error.message.startsWith('Flow')) return ofOpenBracket(offset, contents, text);
      return /^[ ]*\t/.test(lineOf(text, offset))
        ? ofTab(offset)
        : told('is indented otherwise than the lines that it stands among', INDENTATION);
    case 'BLOCK_AS_IMPLICIT_KEY': {
      const below = others.find(({ code, pos }) => code === 'MULTILINE_IMPLICIT_KEY' && pos[0] === offset);
      if (below === undefined)
        return told(
          'a second colon stands in the value',
          'A value with a colon and a blank in it stands in quotes: `key: "a: b"`.',
        );
      return told(
        'is indented further than the line above, which has its value already',
        INDENTATION,
        lineStart(text, below.pos[1]),
      );
    }
    case 'MULTILINE_IMPLICIT_KEY':
      return told(`no colon and blank follow \`${wordsAt(text, offset)}\``, KEY_AND_VALUE);
    case 'MISSING_CHAR':
      if (error.message.startsWith('Missing closing')) return ofOpenQuote(offset, contents, text);
      if (error.message.startsWith('Sequence'))
        return told('is indented otherwise than the lines that it stands among', INDENTATION);
      return told(`no colon stands after \`${wordsAt(text, offset)}\``, KEY_AND_VALUE);
    case 'BLOCK_IN_FLOW':
      return told('a comma is missing here', 'Between { and }, and [ and ], commas separate the entries.');
    case 'BAD_SCALAR_START':
      return told(
        `a value begins with ${text[offset] ?? ''}, which YAML keeps for itself`,
        'Put the value in quotes.',
      );
    case 'BAD_DQ_ESCAPE':
      return told(
        `${text.slice(offset, offset + 2)} stands in double quotes, and means nothing there`,
        'Write the backslash twice, or take single quotes, in which it is a letter like others.',
      );
    case 'UNEXPECTED_TOKEN':
      return ofUnexpected(offset, text);
    default:
      return told(`${error.message.charAt(0).toLowerCase()}${error.message.slice(1)}`, GENERAL);
  }
}

function ofTab(offset: number): SyntaxProblem {
  return {
    message: 'a tab stands where the line begins',
    hint: 'YAML is indented with blanks: let the editor put two of them for a tab.',
    offset,
  };
}

/** What is read after an unclosed bracket is where that shows; what is to be mended is where it was opened. */
function ofOpenBracket(offset: number, contents: unknown, text: string): SyntaxProblem {
  let opened: number | undefined;
  walk(contents, (node) => {
    if (!isCollection(node) || node.flow !== true || !node.range) return;
    const [start, end] = node.range;
    const closing = CLOSING[text[start] ?? '']; // none of a pair in a list, which is a map as well
    if (start <= offset && closing !== undefined && text[end - 1] !== closing) opened = start;
  });
  return opened === undefined
    ? { message: 'a bracket is not closed', hint: 'Close it with } or ].', offset }
    : notClosed(text[opened] ?? '', opened);
}

function notClosed(opened: string, offset: number): SyntaxProblem {
  const closing = CLOSING[opened];
  const subject = closing === undefined ? `the quote ${opened}` : `the ${opened}`;
  return {
    message: `${subject} that is opened here is not closed`,
    hint: closing === undefined ? QUOTES : `Close it with ${closing}.`,
    offset,
  };
}

const CLOSING: Readonly<Record<string, string>> = { '{': '}', '[': ']' };

function ofOpenQuote(offset: number, contents: unknown, text: string): SyntaxProblem {
  let opened: number | undefined;
  walk(contents, (node) => {
    const isQuoted = isScalar(node) && (node.type === 'QUOTE_DOUBLE' || node.type === 'QUOTE_SINGLE');
    if (isQuoted && node.range && node.range[0] <= offset) opened = node.range[0];
  });
  return opened === undefined
    ? { message: 'the quote is not closed', hint: QUOTES, offset }
    : notClosed(text[opened] ?? '', opened);
}

function ofUnexpected(offset: number, text: string): SyntaxProblem {
  const found = text[offset] ?? '';
  const before = text.slice(0, offset).trimEnd().at(-1) ?? '';
  if (found === ',')
    return {
      message: 'a comma stands where an entry should',
      hint: 'Remove it, or write the entry.',
      offset,
    };
  if (found === '}' || found === ']')
    return { message: `the ${found} closes nothing`, hint: 'Remove it, or open it before.', offset };
  if (before === '"' || before === "'")
    return { message: 'something follows after the closing quote', hint: QUOTES, offset };
  return { message: 'what begins here does not belong here', hint: INDENTATION, offset };
}

function ofDuplicate(
  { pos: [offset] }: YAMLError,
  { contents }: Pick<Document.Parsed, 'contents'>,
  text: string,
  lineAt: LineAt,
): SyntaxProblem {
  let message = `the key \`${wordsAt(text, offset).replace(/\s*:.*$/, '')}\` stands here once more`;
  walk(contents, (node) => {
    if (!isMap(node)) return;
    const keys = node.items.map(({ key }) => key).filter(isNode);
    const again = keys.find(({ range }) => range?.[0] === offset);
    const first = again && keys.find((key) => String(key) === String(again));
    if (!first?.range) return;
    message = `the key \`${String(first)}\` stands here once more; it is in line ${lineAt(first.range[0])} already`;
  });
  return { message, hint: 'Keep one of them: which one counts is not said anywhere.', offset };
}

function walk(contents: unknown, look: (node: unknown) => void): void {
  if (isNode(contents))
    visit(contents, {
      Node: (_, node) => {
        look(node);
      },
    });
}

function lineStart(text: string, offset: number): number {
  const start = text.lastIndexOf('\n', offset - 1) + 1;
  return start + (/^\s*/.exec(text.slice(start, offset))?.[0].length ?? 0);
}

function lineOf(text: string, offset: number): string {
  const end = text.indexOf('\n', offset);
  return text.slice(text.lastIndexOf('\n', offset - 1) + 1, end < 0 ? text.length : end);
}

/** As much of a line as names the place, without what may be a secret in it. */
function wordsAt(text: string, offset: number): string {
  return /^[^\s:,[\]{}]*/.exec(text.slice(offset, offset + MOST_LETTERS))?.[0] ?? '';
}

const MOST_LETTERS = 40;
