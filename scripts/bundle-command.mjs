// Makes a few files of the command and of all that it stands on, in packages/cli/dist/bundled: they load in half the time of
// the hundreds that they are made from (docs/decisions/bundled-command.md). Part of `npm run build`, and of publishing.
import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { rolldown } from 'rolldown';
import { MADE_FROM, usableBundle } from '../packages/cli/dist/bundle/usable-bundle.js';
import {
  lighterForeign,
  loadHelper,
  resolveHelper,
  withLateCalls,
  withoutHelpers,
} from './lighter-sources.mjs';

const ROOT = path.resolve(import.meta.dirname, '..');
const CLI = path.join(ROOT, 'packages/cli');
const FOLDER = path.join(CLI, 'dist/bundled');
/**
 * Loaded from where the package has them that uses them: with binaries of their own, or large and seldom needed; with what of the
 * latter is imported by its name.
 */
const NATIVE = { ssh2: [], 'lzma-native': [], dockerode: [], undici: ['EnvHttpProxyAgent', 'request'] };
const NATIVE_PREFIX = '\0native:';
/** The module of a package that exports its plugin alone: what else it offers is for programs. */
const AS_PLUGIN = '?plugin';
/** Imports plugins: in the bundle it knows those that are in it. */
const IMPORT_PLUGIN = path.join(ROOT, 'packages/core/dist/plugin/import-plugin.js');

const manifestOf = (folder) => JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'));
const cli = manifestOf(CLI);
/** Plugins that the command brings, and those that it brings where they are installed. */
const plugins = Object.keys({ ...cli.dependencies, ...cli.peerDependencies })
  .map((name) => ({ name, folder: path.join(ROOT, 'packages', name.replace('@turingpi/', '')) }))
  .filter(({ folder }) => existsSync(folder))
  .map((plugin) => ({ ...plugin, ...manifestOf(plugin.folder) }))
  .filter(({ turingpi }) => turingpi !== undefined);

/**
 * Each of these is a file of its own, with all that its modules import and that is in none before: what every command loads, and
 * what every command loads that reads a configuration. Some large files are read faster than many small ones.
 */
const groups = [
  { name: 'command', from: [path.join(CLI, 'dist/cli.js')] },
  {
    name: 'cluster',
    from: [
      ...['cluster/open-boards.js', 'render/table.js'].map((file) => path.join(CLI, 'dist', file)),
      ...plugins.map(({ folder, turingpi }) => path.join(folder, turingpi.plugin) + AS_PLUGIN),
    ],
  },
].map((group) => ({ ...group, modules: new Set() }));

/** Leaves out what is imported late. */
const withoutLate = {
  name: 'turingpi-without-late',
  resolveId: (source, _importer, { kind }) =>
    kind === 'dynamic-import' ? { id: source, external: true } : null,
};
const options = {
  cwd: ROOT,
  platform: 'node',
  resolve: { mainFields: ['module', 'main'] }, // modules are read faster than what is wrapped for them
  plugins: [{ name: 'turingpi-bundle', resolveId, load }],
  preserveEntrySignatures: 'allow-extension',
  checks: { pluginTimings: false }, // on a busy computer all takes long
  onLog: (level, log) => {
    // What a command imports late may be in a group, for what others import at once.
    if (level === 'warn' && log.code !== 'INEFFECTIVE_DYNAMIC_IMPORT') throw new Error(log.message);
  },
};

if (usableBundle(CLI) === undefined) await bundle();

async function bundle() {
  rmSync(FOLDER, { recursive: true, force: true });
  await noteGroups();
  const users = new Map();
  const bundled = await rolldown({
    ...options,
    input: { cli: path.join(CLI, 'dist/cli.js') },
    plugins: [
      ...options.plugins,
      {
        name: 'turingpi-users',
        buildEnd() {
          noteUsers((id) => this.getModuleInfo(id), users);
        },
      },
    ],
  });
  const { output } = await bundled.write({
    dir: FOLDER,
    format: 'esm',
    chunkFileNames: '[name]-[hash].js',
    sourcemap: true,
    codeSplitting: {
      includeDependenciesRecursively: false, // they are in the groups, and what packages offer besides is not
      groups: groups.map(({ name, modules }) => ({ name, test: (id) => modules.has(id) })),
    },
    // Without what only people read. Names stay: the stack of an error tells where it was without a map as well.
    minify: { compress: false, mangle: false, codegen: { removeWhitespace: true } },
    // Explanations are in the sources, where the maps lead; reading them takes time at every start.
    comments: { annotation: false, jsdoc: false, legal: true },
  });
  await bundled.close();
  for (const { fileName } of output) if (fileName.endsWith('.map')) lighten(path.join(FOLDER, fileName));
  const modules = output.flatMap((file) => (file.type === 'chunk' ? file.moduleIds : []));
  const packages = packagesOf(modules, users);
  writeFileSync(path.join(FOLDER, 'LICENSES.txt'), licensesOf(packages));
  const stamp = JSON.stringify(packages, (key, value) => (key === 'folder' ? undefined : value));
  writeFileSync(path.join(FOLDER, MADE_FROM), stamp); // last: with it, it is used
}

/** Our sources are published beside the bundle, where its maps lead; those of others are in none of our traces. */
function lighten(file) {
  const map = JSON.parse(readFileSync(file, 'utf8'));
  delete map.sourcesContent;
  const isOurs = map.sources.some((source) => !source.includes('node_modules/'));
  map.names = []; // they only tell how a name was called before, and none was changed
  writeFileSync(file, JSON.stringify(isOurs ? map : { ...map, mappings: '' }));
}

async function resolveId(source, importer, options) {
  if (source.endsWith(AS_PLUGIN)) return source;
  if (source === 'yaml') {
    // Its modules for browsers are the same code, without a wrapper around each.
    const { id } = await this.resolve(source, importer, { ...options, skipSelf: true });
    return path.join(path.dirname(id), '../browser/dist/index.js');
  }
  return Object.hasOwn(NATIVE, source)
    ? `${NATIVE_PREFIX}${source}:${packageOf(importer).name}`
    : resolveHelper(source);
}

/** Our files with their source maps, and with places told as their packages have them. */
function load(id) {
  if (id.startsWith(NATIVE_PREFIX)) {
    const [name, user] = id.slice(NATIVE_PREFIX.length).split(':');
    return `import { createRequire } from 'node:module';
      const loaded = createRequire(import.meta.resolve('${user}/package.json'))('${name}');
      export default loaded;
      ${NATIVE[name].map((used) => `export const ${used} = loaded.${used};`).join('\n')}`;
  }
  if (id === IMPORT_PLUGIN) return importPlugin();
  if (id.endsWith(AS_PLUGIN))
    return `export { default } from ${JSON.stringify(id.slice(0, -AS_PLUGIN.length))};`;
  const own = path.relative(path.join(ROOT, 'packages'), id);
  if (own.startsWith('..') || own.includes('node_modules')) return loadHelper(id) ?? lighterForeign(id);
  const code = withLateCalls(withoutHelpers(readFileSync(id, 'utf8')));
  const [name, ...rest] = own.split(path.sep);
  const map = existsSync(`${id}.map`) ? JSON.parse(readFileSync(`${id}.map`, 'utf8')) : undefined;
  return { code: name === 'cli' ? code : withPlace(code, `@turingpi/${name}`, rest.join('/')), map };
}

/** Where a module finds files of its package: in that package, and not beside the bundle. */
function withPlace(code, name, file) {
  const url = `new URL('./${file}', import.meta.resolve('${name}/package.json'))`;
  return code
    .replaceAll(
      'import.meta.dirname',
      `process.getBuiltinModule('node:url').fileURLToPath(new URL('.', ${url}))`,
    )
    .replaceAll('import.meta.url', `${url}.href`);
}

function importPlugin() {
  const loaders = plugins.map(({ name, version, folder, turingpi }) => {
    const entry = JSON.stringify(path.join(folder, turingpi.plugin) + AS_PLUGIN);
    return `${JSON.stringify(`${name}@${version}`)}: () => import(${entry}),`;
  });
  return `import { pathToFileURL } from 'node:url';
    const BUNDLED = { ${loaders.join('\n')} };
    export function importPlugin({ name, version, entry }) {
      return BUNDLED[name + '@' + version]?.() ?? import(pathToFileURL(entry).href);
    }`;
}

/**
 * Notes which modules are in which group: all that its first ones stand on, and not what packages offer besides in the file that
 * others import. For that they are bundled without what is imported late, then each of ours that came out by itself, and so on.
 */
async function noteGroups() {
  const taken = new Set();
  for (const { from, modules } of groups) {
    for (const id of from) modules.add(id);
    for (let next = from; next.length > 0;) {
      const found = (await standingOn(next)).filter((id) => !taken.has(id) && !modules.has(id));
      for (const id of found) modules.add(id);
      next = found.filter((id) => path.isAbsolute(id) && !isForeign(id));
    }
    for (const id of modules) taken.add(id);
  }
}

/** The modules that some stand on; of those of others all that they import. */
async function standingOn(input) {
  const foreign = new Set();
  const noteForeign = {
    name: 'turingpi-foreign',
    buildEnd() {
      for (const id of this.getModuleIds()) if (isForeign(id)) foreign.add(this.getModuleInfo(id));
    },
  };
  const bundled = await rolldown({
    ...options,
    input,
    plugins: [withoutLate, ...options.plugins, noteForeign],
  });
  const { output } = await bundled.generate({ format: 'esm' });
  await bundled.close();
  const rendered = output.flatMap(({ modules = {} }) => Object.entries(modules));
  const needed = new Set(rendered.filter(([, { renderedLength }]) => renderedLength > 0).map(([id]) => id));
  const imports = new Map([...foreign].map(({ id, importedIds }) => [id, importedIds]));
  for (const id of needed) for (const imported of imports.get(id) ?? []) needed.add(imported);
  return [...needed];
}

function isForeign(id) {
  return id.includes('node_modules');
}

/** By their folders, in the order in which they are come upon from the command. */
function noteUsers(moduleInfo, users) {
  const queue = [path.join(CLI, 'dist/cli.js')];
  const seen = new Set(queue);
  users.set(CLI, undefined);
  for (const id of queue) {
    const { importedIds, dynamicallyImportedIds } = moduleInfo(id);
    for (const imported of [...importedIds, ...dynamicallyImportedIds]) {
      if (seen.has(imported) || !path.isAbsolute(imported)) continue;
      seen.add(imported);
      queue.push(imported);
      const { folder } = packageOf(imported);
      // Plugins are imported by core, and found from the command.
      if (!users.has(folder)) users.set(folder, id === IMPORT_PLUGIN ? CLI : packageOf(id).folder);
    }
  }
}

/** The packages that modules are from, users first, as the bundle's stamp has them. */
function packagesOf(modules, users) {
  const used = new Set(modules.filter((id) => path.isAbsolute(id)).map((id) => packageOf(id).folder));
  const folders = [...users.keys()].filter((folder) => used.has(folder));
  return folders.map((folder) => {
    const { name, version } = manifestOf(folder);
    const from = folders.indexOf(users.get(folder));
    const compiled = path.join(folder, 'dist/.tsbuildinfo');
    return {
      ...{ name, version, folder },
      ...(from > 0 && { from }),
      ...(cli.peerDependenciesMeta?.[name]?.optional && { optional: true }),
      ...(existsSync(compiled) && { builtMs: statSync(compiled).mtimeMs }),
    };
  });
}

/** @returns Name and folder of the package in which a module is. */
function packageOf(id) {
  const { folder } = /^(?<folder>.*[\\/](?:node_modules[\\/](?:@[^\\/]+[\\/])?|packages[\\/])[^\\/]+)/.exec(
    id,
  ).groups;
  return { folder, name: manifestOf(folder).name };
}

/** The terms of what is in the bundle and is not ours. */
function licensesOf(packages) {
  return packages
    .filter(({ name }) => !name.startsWith('@turingpi/'))
    .map(({ name, version, folder }) => {
      const [file] = ['LICENSE', 'LICENSE.md', 'LICENSE.txt', 'license', 'LICENCE', 'License']
        .map((each) => path.join(folder, each))
        .filter((each) => existsSync(each));
      const { license = 'unknown' } = manifestOf(folder);
      const text = file === undefined ? `License: ${license}` : readFileSync(file, 'utf8').trim();
      return `${name} ${version}\n\n${text}\n`;
    })
    .join(`\n${'-'.repeat(80)}\n\n`);
}
