// Makes a few files of the command and of all that it stands on, in packages/cli/dist/bundled: they load in half the time of
// the hundreds that they are made from (docs/decisions/bundled-command.md). Part of `npm run build`, and of publishing.
import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { rolldown } from 'rolldown';
import { MADE_FROM, usableBundle } from '../packages/cli/dist/bundle/usable-bundle.js';
import { lighterForeign, loadHelper, resolveHelper, withoutHelpers } from './lighter-sources.mjs';

const ROOT = path.resolve(import.meta.dirname, '..');
const CLI = path.join(ROOT, 'packages/cli');
const FOLDER = path.join(CLI, 'dist/bundled');
/** With binaries of their own: loaded from where the package has them that uses them. */
const NATIVE = ['ssh2', 'lzma-native', 'dockerode'];
const NATIVE_PREFIX = '\0native:';
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
      ...plugins.map(({ folder, turingpi }) => path.join(folder, turingpi.plugin)),
    ],
  },
].map((group) => ({ ...group, modules: new Set() }));

if (usableBundle(CLI) === undefined) await bundle();

async function bundle() {
  rmSync(FOLDER, { recursive: true, force: true });
  const users = new Map();
  const bundled = await rolldown({
    input: { cli: path.join(CLI, 'dist/cli.js') },
    cwd: ROOT,
    platform: 'node',
    resolve: { mainFields: ['module', 'main'] }, // modules are read faster than what is wrapped for them
    plugins: [{ name: 'turingpi-bundle', resolveId, load, buildEnd: note(users) }],
    onLog: (level, log) => {
      // What a command imports late may be in a group, for what others import at once.
      if (level === 'warn' && log.code !== 'INEFFECTIVE_DYNAMIC_IMPORT') throw new Error(log.message);
    },
  });
  const { output } = await bundled.write({
    dir: FOLDER,
    format: 'esm',
    chunkFileNames: '[name]-[hash].js',
    sourcemap: true,
    codeSplitting: {
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

function resolveId(source, importer) {
  return NATIVE.includes(source)
    ? `${NATIVE_PREFIX}${source}:${packageOf(importer).name}`
    : resolveHelper(source);
}

/** Our files with their source maps, and with places told as their packages have them. */
function load(id) {
  if (id.startsWith(NATIVE_PREFIX)) {
    const [name, user] = id.slice(NATIVE_PREFIX.length).split(':');
    return `import { createRequire } from 'node:module';
      export default createRequire(import.meta.resolve('${user}/package.json'))('${name}');`;
  }
  if (id === IMPORT_PLUGIN) return importPlugin();
  const own = path.relative(path.join(ROOT, 'packages'), id);
  if (own.startsWith('..') || own.includes('node_modules')) return loadHelper(id) ?? lighterForeign(id);
  const code = withoutHelpers(readFileSync(id, 'utf8'));
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
    const entry = JSON.stringify(path.join(folder, turingpi.plugin));
    return `${JSON.stringify(`${name}@${version}`)}: () => import(${entry}),`;
  });
  return `import { pathToFileURL } from 'node:url';
    const BUNDLED = { ${loaders.join('\n')} };
    export function importPlugin({ name, version, entry }) {
      return BUNDLED[name + '@' + version]?.() ?? import(pathToFileURL(entry).href);
    }`;
}

/** Notes which modules are in which group, and which package uses which. */
function note(users) {
  return function noteBoth() {
    noteGroups((id) => this.getModuleInfo(id));
    noteUsers((id) => this.getModuleInfo(id), users);
  };
}

function noteGroups(moduleInfo) {
  const taken = new Set();
  for (const { from, modules } of groups) {
    const queue = [...from];
    for (const id of queue) {
      if (taken.has(id)) continue;
      taken.add(id);
      modules.add(id);
      queue.push(...moduleInfo(id).importedIds);
    }
  }
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
