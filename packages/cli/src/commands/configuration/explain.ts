import { EXPLANATIONS, explanationOf } from '../../explanation/explanations.js';
import { similarCodes } from '../../explanation/similar-codes.js';
import { EXIT } from '../../process/exit-codes.js';
import type { Terminal } from '../../process/terminal.js';
import { UsageError } from '../../process/usage-error.js';

/**
 * `turingpi explain [CODE]`: what a code means and what to do about it; without one, every code.
 *
 * @throws UsageError for a code that nobody knows, with those that may be meant
 */
export function explain(
  written: string | undefined,
  options: { readonly json?: boolean },
  { stdout }: Terminal,
): number {
  if (written === undefined) {
    stdout.write(options.json === true ? `${JSON.stringify({ codes: everyCode() })}\n` : renderAll());
    return EXIT.ok;
  }
  const code = written.trim().toUpperCase();
  const found = explanationOf(code);
  if (found === undefined) throw unknown(code);
  const { family, means, cure } = found;
  stdout.write(
    options.json === true
      ? `${JSON.stringify({ code, family, means, cure })}\n`
      : `${code}, a code of ${family}\n  means  ${means}\n  cure   ${cure}\n`,
  );
  return EXIT.ok;
}

function everyCode() {
  return EXPLANATIONS.flatMap(({ title, codes }) =>
    Object.entries(codes).map(([code, { means, cure }]) => ({ code, family: title, means, cure })),
  );
}

function renderAll(): string {
  return EXPLANATIONS.map(
    ({ title, codes }) =>
      `codes of ${title}\n${Object.entries(codes)
        .map(([code, { means }]) => `  ${code}: ${means}\n`)
        .join('')}`,
  ).join('\n');
}

function unknown(code: string): UsageError {
  const meant = similarCodes(
    code,
    everyCode().map((one) => one.code),
  );
  return new UsageError(
    `there is no code ${code}${meant.length === 0 ? '' : `; did you mean ${meant.join(', ')}?`}`,
    'Codes of plugins are explained by those who made them. `turingpi explain` lists all of ours.',
  );
}
