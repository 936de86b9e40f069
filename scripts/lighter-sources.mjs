// What is changed in files of the bundle (scripts/bundle-command.mjs) for the time that the command takes to start.
import { readFileSync } from 'node:fs';

/** In files of others; each must still be there to be changed. */
const CHANGES = [
  {
    // It would compile a function for each shape, and a command reads most shapes once.
    file: /[\\/]zod[\\/]v4[\\/]core[\\/]core\.js$/,
    from: 'export const globalConfig = globalThis.__zod_globalConfig;',
    to: 'export const globalConfig = globalThis.__zod_globalConfig; globalConfig.jitless = true;',
  },
  {
    // Both take longer to make than a table takes in all, and what is of ASCII alone needs neither.
    file: /[\\/]string-width[\\/]index\.js$/,
    from: 'const segmenter = new Intl.Segmenter();',
    to: 'let made; const segmenter = { segment: (text) => (made ??= new Intl.Segmenter()).segment(text) };',
  },
  {
    file: /[\\/]string-width[\\/]index\.js$/,
    from: 'const rgiEmojiRegex = /^\\p{RGI_Emoji}$/v;',
    to: "let rgi; const rgiEmojiRegex = { test: (text) => (rgi ??= new RegExp('^\\\\p{RGI_Emoji}$', 'v')).test(text) };",
  },
];

/** @returns The file of another package as it is to be bundled; undefined where it is as it is. */
export function lighterForeign(id) {
  const changes = CHANGES.filter(({ file }) => file.test(id));
  if (changes.length === 0) return undefined;
  return changes.reduce(
    (code, { from, to }) => {
      if (!code.includes(from))
        throw new Error(`${id} has no "${from}" any more: see scripts/lighter-sources.mjs`);
      return code.replace(from, () => to);
    },
    readFileSync(id, 'utf8'),
  );
}

const HELPER_PREFIX = 'compiler-helper:';
/** What the compiler writes into every file that disposes of something or has decorators. */
const HELPER = /^var (?<name>__\w+) = \(this && this\.\k<name>\) \|\| [\s\S]*?^\}\)?;$/gm;
const helpers = new Map();

/** @returns Code of ours that imports the compiler's helpers, line by line where it was: each is in the bundle once. */
export function withoutHelpers(code) {
  return code.replaceAll(HELPER, (text, name) => {
    helpers.set(name, text);
    return `import { ${name} } from '${HELPER_PREFIX}${name}';${'\n'.repeat(text.split('\n').length - 1)}`;
  });
}

/** @returns The id of a helper's module; undefined for what is none. */
export const resolveHelper = (source) => (source.startsWith(HELPER_PREFIX) ? `\0${source}` : undefined);

/** @returns The helper's module; undefined for what is none. */
export function loadHelper(id) {
  if (!id.startsWith(`\0${HELPER_PREFIX}`)) return undefined;
  const name = id.slice(HELPER_PREFIX.length + 1);
  return `${helpers.get(name)}\nexport { ${name} };`;
}
