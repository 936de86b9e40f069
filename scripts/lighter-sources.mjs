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
  {
    // Only commands that are programs of their own are begun with it, and none is.
    file: /[\\/]commander[\\/]lib[\\/]command\.js$/,
    from: "const childProcess = require('node:child_process');",
    to: "const childProcess = { spawn: (...words) => require('node:child_process').spawn(...words) };",
  },
  {
    // Only a log that is written by another thread needs it, and the command writes its own.
    file: /[\\/]pino[\\/]lib[\\/]transport\.js$/,
    from: "const ThreadStream = require('thread-stream')",
    to: '',
  },
  {
    file: /[\\/]pino[\\/]lib[\\/]transport\.js$/,
    from: 'new ThreadStream(',
    to: "new (require('thread-stream'))(",
  },
  {
    file: /[\\/]pino[\\/]lib[\\/]tools\.js$/,
    from: "const { isMainThread } = require('worker_threads')",
    to: '',
  },
  {
    file: /[\\/]pino[\\/]lib[\\/]tools\.js$/,
    from: 'isMainThread)',
    to: "require('worker_threads').isMainThread)",
  },
];

/**
 * What our modules call of Node and most commands do not need: it is loaded with the first call, which saves 150 of Node's own
 * modules. Only functions can stand here, and none that `promisify` knows in another way (`execFile` is called back).
 */
const CALLED_LATE = {
  'node:child_process': ['execFile', 'spawn'],
  'node:http': ['request'],
  'node:https': ['request'],
  'node:tls': ['checkServerIdentity', 'connect'],
  'node:zlib': ['crc32', 'createGunzip', 'createInflateRaw', 'deflateRaw', 'gunzip'],
};
const LATE_PREFIX = 'called-late:';
const IMPORT_OF_NODE = /^import \{ (?<names>[\w, ]+) \} from '(?<module>node:\w+)';$/gm;

/** @returns Code of ours that gets what stands in that list from where it is loaded late, if it imports nothing else of the module. */
export function withLateCalls(code) {
  return code.replaceAll(IMPORT_OF_NODE, (text, names, module) => {
    const late = names.split(', ').every((name) => CALLED_LATE[module]?.includes(name.split(' as ')[0]));
    return late ? text.replace(module, `${LATE_PREFIX}${module}`) : text;
  });
}

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

/** @returns The id of a helper's module, or of one that is called late; undefined for what is neither. */
export const resolveHelper = (source) =>
  [HELPER_PREFIX, LATE_PREFIX].some((prefix) => source.startsWith(prefix)) ? `\0${source}` : undefined;

/** @returns The helper's module, or the one that is called late; undefined for what is neither. */
export function loadHelper(id) {
  if (id.startsWith(`\0${LATE_PREFIX}`)) return lateModule(id.slice(LATE_PREFIX.length + 1));
  if (!id.startsWith(`\0${HELPER_PREFIX}`)) return undefined;
  const name = id.slice(HELPER_PREFIX.length + 1);
  return `${helpers.get(name)}\nexport { ${name} };`;
}

function lateModule(module) {
  return CALLED_LATE[module]
    .map(
      (name) =>
        `export const ${name} = (...words) => process.getBuiltinModule('${module}').${name}(...words);`,
    )
    .join('\n');
}
