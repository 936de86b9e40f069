import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { PROGRAM_DIR } from '../../process/program-dir.js';
import { programVersion } from '../../process/program-version.js';
import { type PluginKind, PLUGIN_KINDS } from './plugin-kind.js';
import { type PluginName, pluginName, renamed } from './plugin-name.js';

/** A file of a new package. */
export interface PackageFile {
  /** In the package, with `/`. */
  readonly path: string;
  readonly content: string;
}

/** What packages are made from: TypeScript that compiles where it lies, and what is made from it while we are built. */
const TYPESCRIPT = path.join(PROGRAM_DIR, 'templates/plugin');
const JAVASCRIPT = path.join(PROGRAM_DIR, 'dist/templates/plugin');

/** A package.json as far as it is changed. */
interface TemplateManifest {
  readonly exports: { readonly '.': { readonly types: string; readonly default: string } };
  readonly files: readonly string[];
  readonly turingpi: { readonly plugin: string; readonly conformance: string };
  readonly scripts: Readonly<Record<string, string>>;
  readonly peerDependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}

/** The files of a new plugin's package. */
export async function pluginFiles(
  kind: PluginKind,
  name: PluginName,
  { plainJavaScript }: { readonly plainJavaScript: boolean },
): Promise<readonly PackageFile[]> {
  const sample = pluginName(PLUGIN_KINDS[kind]);
  const template = path.join(TYPESCRIPT, kind);
  const any = path.join(TYPESCRIPT, 'any');
  const manifest = JSON.parse(
    await readFile(path.join(template, 'manifest.json'), 'utf8'),
  ) as TemplateManifest;
  const files = [
    { path: 'package.json', content: written(ofThisVersion(plainJavaScript ? plain(manifest) : manifest)) },
    { path: 'README.md', content: await readFile(path.join(template, 'README.md'), 'utf8') },
    // Under its own name it would say what is left out of our own package.
    { path: '.gitignore', content: await readFile(path.join(any, 'gitignore'), 'utf8') },
    ...(plainJavaScript
      ? []
      : [{ path: 'tsconfig.json', content: await readFile(path.join(any, 'tsconfig.json'), 'utf8') }]),
    ...(await filesIn(path.join(plainJavaScript ? JAVASCRIPT : TYPESCRIPT, kind, 'src'))),
  ];
  return files.map((file) => ({
    path: renamed(file.path, sample, name),
    content: renamed(file.content, sample, name),
  }));
}

async function filesIn(folder: string): Promise<PackageFile[]> {
  const names = (await readdir(folder)).sort();
  return Promise.all(
    names.map(async (name) => ({
      path: `src/${name}`,
      content: await readFile(path.join(folder, name), 'utf8'),
    })),
  );
}

/** Our packages of this version or a later one that fits. */
function ofThisVersion(manifest: TemplateManifest): TemplateManifest {
  const range = `^${programVersion()}`;
  const current = (dependencies: Readonly<Record<string, string>>) =>
    Object.fromEntries(
      Object.entries(dependencies).map(([name, wanted]) => [
        name,
        name.startsWith('@turingpi/') ? range : wanted,
      ]),
    );
  return {
    ...manifest,
    peerDependencies: current(manifest.peerDependencies),
    devDependencies: current(manifest.devDependencies),
  };
}

/** The package.json of the same plugin without a compiler: what is run is what is written. */
function plain(manifest: TemplateManifest): TemplateManifest {
  const source = (file: string) => file.replace('./dist/', './src/');
  const { devDependencies, scripts, exports, turingpi } = manifest;
  const { typescript: _compiler, '@types/node': _types, ...needed } = devDependencies;
  return {
    ...manifest,
    exports: { '.': source(exports['.'].default) } as unknown as TemplateManifest['exports'],
    files: ['src', '!src/*-test.*'],
    turingpi: {
      ...turingpi,
      plugin: source(turingpi.plugin),
      conformance: source(turingpi.conformance),
    },
    scripts: { test: (scripts['test'] ?? '').replace('tsc && ', '').replace(' dist/', ' src/') },
    devDependencies: needed,
  };
}

function written(manifest: TemplateManifest): string {
  return `${JSON.stringify(manifest, undefined, 2)}\n`;
}
