import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, it } from 'vitest';
import { EXPLANATIONS } from '../../packages/cli/src/explanation/explanations.js';

const ROOT = path.resolve(import.meta.dirname, '../..');

const PACKAGES = path.join(ROOT, 'packages');
/** Source files that declare codes: of errors, and of what `turingpi doctor` finds. */
const DECLARING =
  /-error(-code)?\.ts$|\/(finding|configuration-findings|local-leftovers|local-records|node-findings)\.ts$/;

async function productSources(): Promise<readonly { readonly file: string; readonly text: string }[]> {
  const files = (await readdir(PACKAGES, { recursive: true })).filter(
    (file) =>
      /^[^/]+\/src\/.*\.ts$/.test(file) &&
      !file.startsWith('cli/src/explanation/') &&
      !/\.(test|fixture)\.ts$|-hints\.ts$|-categor[a-z]+\.ts$/.test(file),
  );
  return Promise.all(
    files.map(async (file) => ({ file, text: await readFile(path.join(PACKAGES, file), 'utf8') })),
  );
}

const sources = await productSources();
const matches = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].map(([, code]) => code!);

it('`turingpi explain` explains every code in the code, and no other', () => {
  const declared = sources
    .filter(({ file }) => DECLARING.test(file))
    .flatMap(({ text }) => matches(text, /(?:[<|:]|type \w+ =)\s*'([A-Z][A-Z\d]*_[A-Z\d_]+)'/g));
  const thrown = sources.flatMap(({ text }) =>
    matches(text, /(?:new \w*Error|super)\(\s*'(USAGE|[A-Z][A-Z\d]*(?:_[A-Z\d]+)+)'/g),
  );
  // What `turingpi` says of an abort, and of an error that is none of ours.
  const known = [...new Set([...declared, ...thrown, 'ABORTED', 'INTERNAL'])].sort();
  expect(known.length).toBeGreaterThan(260);
  expect(EXPLANATIONS.flatMap(({ codes }) => Object.keys(codes)).sort()).toEqual(known);
});

it('docs/errors.md says the same (`npm run errors` writes it)', async () => {
  const page = await readFile(path.join(ROOT, 'docs/errors.md'), 'utf8');
  const written = page
    .split(/^## Codes of /m)
    .slice(1)
    .map((section) => ({
      title: section.slice(0, section.indexOf('\n')),
      codes: Object.fromEntries(
        [...section.matchAll(/^\| `([A-Z_\d]+)` *\| (.+?) *\| (.+?) *\|$/gm)].map(
          ([, code = '', means, cure]) => [code, { means, cure }] as const,
        ),
      ),
    }));
  expect(written).toEqual(EXPLANATIONS);
});

it('every code that is explained once is explained once only', () => {
  const codes = EXPLANATIONS.flatMap((family) => Object.keys(family.codes));
  expect(new Set(codes).size).toBe(codes.length);
});

it('every code that an error class declares is one that something is thrown with', () => {
  const declared = sources
    .filter(({ file }) => /-error(-code)?\.ts$/.test(file))
    .flatMap(({ text }) =>
      [...text.matchAll(/(?:[<|]|type \w+ =)\s*'([A-Z][A-Z\d_]+)'/g)].map(([, code]) => code!),
    );
  expect(declared.length).toBeGreaterThan(150);
  // What is left without comments, declarations and comparisons.
  const left = sources
    .map(({ text }) =>
      text.replaceAll(/^\s*(\*|\/\*|\/\/).*$/gm, '').replaceAll(/[<|=]\s*'[A-Z][A-Z\d_]+'/g, ''),
    )
    .join('\n');
  expect(declared.filter((code) => !new RegExp(`['\`]${code}\\b`).test(left))).toEqual([]);
});
