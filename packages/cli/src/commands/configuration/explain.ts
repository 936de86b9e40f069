import { EXPLANATIONS, explanationOf } from '../../explanation/explanations.js';
import { similarCodes } from '../../explanation/similar-codes.js';
import { EXIT } from '../../process/exit-codes.js';
import type { Terminal } from '../../process/terminal.js';
import { UsageError } from '../../process/usage-error.js';
import { renderTable } from '../../render/table.js';

export interface ExplainOptions {
  /** Every code, with what it means. */
  readonly all?: boolean;
  readonly json?: boolean;
}

/** A code with its explanation. */
interface Explained {
  readonly code: string;
  readonly family: string;
  readonly means: string;
  readonly cure: string;
}

/**
 * `turingpi explain [CODE]`: what a code means and what to do about it; of a part of codes or of a subject, the codes that
 * have it; without either, which families there are.
 *
 * @throws UsageError for what no code and no family has, with the codes that may be meant
 */
export function explain(
  written: string | undefined,
  { all = false, json = false }: ExplainOptions,
  { stdout }: Terminal,
): number {
  if (written === undefined) {
    const families = () => (all ? renderList(everyCode()) : renderFamilies(stdout.columns));
    stdout.write(json ? `${JSON.stringify({ codes: everyCode() })}\n` : families());
    return EXIT.ok;
  }
  const code = written.trim().toUpperCase();
  const found = explanationOf(code);
  if (found === undefined) {
    const codes = codesLike(code);
    if (codes.length === 0) throw unknown(code);
    stdout.write(json ? `${JSON.stringify({ codes })}\n` : renderList(codes));
    return EXIT.ok;
  }
  const { family, means, cure } = found;
  stdout.write(
    json
      ? `${JSON.stringify({ code, family, means, cure })}\n`
      : `${code}, a code of ${family}\n  means  ${means}\n  cure   ${cure}\n`,
  );
  return EXIT.ok;
}

function everyCode(): readonly Explained[] {
  return EXPLANATIONS.flatMap(({ title, codes }) =>
    Object.entries(codes).map(([code, { means, cure }]) => ({ code, family: title, means, cure })),
  );
}

/** First those that have it in the code, then those in whose family's title a word begins with it. */
function codesLike(text: string): readonly Explained[] {
  const codes = everyCode();
  const parts = codes.filter(({ code }) => code.includes(text));
  const isWord = (word: string) => text.length > 2 && word.startsWith(text);
  const about = codes.filter(({ family }) => family.toUpperCase().split(/\W+/).some(isWord));
  return [...new Set([...parts, ...about])];
}

function renderFamilies(columns: number | undefined): string {
  const rows = EXPLANATIONS.map(({ title, codes }) => {
    const names = Object.keys(codes);
    const begins = [...new Set(names.map((name) => name.split('_')[0] ?? name))];
    return [title, String(names.length), begins.join(', ')];
  });
  return `${renderTable(['codes of', 'are', 'and begin with'], rows, columns)}
turingpi explain BMC_UNTRUSTED   what one means, and what to do
turingpi explain bmc             those that have this in them
turingpi explain --all           all of them
`;
}

function renderList(codes: readonly Explained[]): string {
  const families = [...new Set(codes.map(({ family }) => family))];
  return families
    .map((title) => {
      const lines = codes.filter(({ family }) => family === title);
      return `codes of ${title}\n${lines.map(({ code, means }) => `  ${code}: ${means}\n`).join('')}`;
    })
    .join('\n');
}

function unknown(code: string): UsageError {
  const meant = similarCodes(
    code,
    everyCode().map((one) => one.code),
  );
  return new UsageError(
    `there is no code ${code}${meant.length === 0 ? '' : `; did you mean ${meant.join(', ')}?`}`,
    'Codes of plugins are explained by those who made them. `turingpi explain --all` lists all of ours.',
  );
}
