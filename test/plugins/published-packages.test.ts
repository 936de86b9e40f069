import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { startVirtualBoard } from '@turingpi/virtual-board';
import { baseImagePath } from '@turingpi/virtual-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ensureBuiltPage } from '../../packages/dashboard/src/page/built-page.fixture.js';
import { fromTarballs, npmInstall } from './npm-install.js';
import { type PackedPackage, packPackages, withOurDependencies } from './packed-packages.js';
import { requireRegistry } from './require-registry.js';
import { tarballFindings } from './tarball-findings.js';

const ROOT = path.resolve(import.meta.dirname, '../..');
const EXAMPLES = path.join(ROOT, 'examples/packages');
const ON_GITHUB = 'https://github.com/turingpi-toolkit/turingpi/blob/main/';
const LIMIT_MS = 300_000;
/** All of it in `npm run full`; what is quick, always. */
const IS_FULL = process.env['PACKAGES'] === 'all';

const NAMES = (await readdir(path.join(ROOT, 'packages'))).sort();
const BASE_IMAGES: Readonly<Record<string, string>> = {
  image: 'rk1-ubuntu.img.xz',
  'image-docker': 'rk1-ubuntu.img.xz',
  'image-loop': 'rk1-ubuntu.img.xz',
  'os-ubuntu': 'rk1-ubuntu.img.xz',
  'os-debian': 'rpi-debian.img.xz',
};

const registry = await requireRegistry();
const runFile = (file: string, words: readonly string[], options: { readonly cwd: string }) =>
  promisify(execFile)(file, words, options);
/** Runs a program to its end. @throws With what it printed: a test runner says on standard output what failed. */
const run = async (...call: Parameters<typeof runFile>) => {
  try {
    return await runFile(...call);
  } catch (error) {
    const { stdout = '' } = error as { readonly stdout?: string };
    if (error instanceof Error) error.message += `\n${stdout}`;
    throw error;
  }
};

let folder: string;
/** Everything of ours, and a compiler. */
let project: string;
let packages: ReadonlyMap<string, PackedPackage>;

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'turingpi-packages-'));
  project = path.join(folder, 'project');
  await ensureBuiltPage(); // else it is made where packages are published
  packages = await packPackages(folder);
  if (registry.missing) return;
  const { devDependencies } = JSON.parse(await readFile(path.join(ROOT, 'package.json'), 'utf8')) as {
    readonly devDependencies: Readonly<Record<string, string>>;
  };
  await npmInstall(project, {
    ...fromTarballs([...packages.keys()], packages),
    typescript: devDependencies['typescript']!,
    '@types/node': devDependencies['@types/node']!,
  });
}, LIMIT_MS);
afterAll(() => rm(folder, { recursive: true, force: true }));

describe.each(NAMES)('the tarball of %s', (name) => {
  const ours = () => packages.get(`@turingpi/${name}`)!;

  it('has nothing that publint or "are the types wrong" find', async () => {
    expect(await tarballFindings(ours().tarball)).toEqual([]);
  });

  it('has the licence, and a page whose example is the one that runs and whose links lead somewhere', async () => {
    const { files } = ours();
    expect(files).toEqual(expect.arrayContaining(['LICENSE', 'README.md']));
    const inPackage = (file: string) => readFile(path.join(ROOT, 'packages', name, file), 'utf8');
    expect(await inPackage('LICENSE')).toBe(await readFile(path.join(ROOT, 'LICENSE'), 'utf8'));
    const page = await inPackage('README.md');
    expect(page).toContain((await readFile(path.join(EXAMPLES, exampleOf(name)), 'utf8')).trimEnd());
    for (const [, link = ''] of page.matchAll(/\]\(([^)#]+)(?:#[^)]*)?\)/g))
      if (link.startsWith(ON_GITHUB)) await readFile(path.join(ROOT, link.slice(ON_GITHUB.length)));
      else expect(files, `${link} is in the tarball`).toContain(path.posix.normalize(link));
  });
});

describe.skipIf(registry.missing)('a program that uses all packages', () => {
  const ways: readonly (readonly [string, readonly string[]])[] = [
    ['NodeNext', ['--module', 'nodenext']],
    ['bundler', ['--module', 'preserve', '--moduleResolution', 'bundler']],
  ];
  it.each(IS_FULL ? ways : ways.slice(0, 1))(
    'compiles strictly with %s, declarations of others checked as well',
    { timeout: LIMIT_MS },
    async (_how, resolution) => {
      const entries = [...packages.values()].flatMap(({ manifest }) =>
        Object.keys(manifest.exports ?? {})
          .filter((entry) => entry !== './package.json')
          .map((entry) => path.posix.join(manifest.name, entry)),
      );
      const lines = entries.map((entry, index) => `export * as entry${index} from '${entry}';\n`);
      await writeFile(path.join(project, 'consumer.ts'), lines.join(''));
      const strict = ['--strict', '--exactOptionalPropertyTypes', '--noUncheckedIndexedAccess'];
      const target = ['--target', 'es2022', '--lib', 'es2023,esnext.disposable', '--types', 'node'];
      const words = ['--noEmit', '--skipLibCheck', 'false', ...target, ...strict];
      const { stdout } = await run(
        process.execPath,
        ['node_modules/typescript/bin/tsc', ...words, ...resolution, 'consumer.ts'],
        { cwd: project },
      ).catch((error: unknown) => error as { stdout: string });
      expect(stdout).toBe('');
    },
  );

  it.each(NAMES)('runs the example of %s as its page shows it', { timeout: LIMIT_MS }, async (name) => {
    await using board = name === 'bmc' ? await startVirtualBoard({ httpPort: 'off' }) : undefined;
    const image = BASE_IMAGES[name];
    const words = [
      ...(image === undefined ? [] : [baseImagePath(image as 'rk1-ubuntu.img.xz')]),
      ...(board === undefined ? [] : [board.https.host, String(board.https.port), board.publicKeyPin]),
    ];
    await expectExample(exampleOf(name), project, words);
  });
});

describe.skipIf(registry.missing)('image and bmc alone', () => {
  it('look into images, and flash a node from a file', { timeout: LIMIT_MS }, async () => {
    const alone = path.join(folder, 'alone');
    const names = withOurDependencies(['@turingpi/image', '@turingpi/bmc'], packages);
    expect(names).toEqual(['@turingpi/bmc', '@turingpi/foundation', '@turingpi/image']);
    await npmInstall(alone, fromTarballs(names, packages));
    const image = baseImagePath('rk1-ubuntu.img.xz');
    await expectExample('look-into-image.js', alone, [image]);
    await using board = await startVirtualBoard({
      nodes: [{ board: undefined }, { board: 'rk1' }],
      httpPort: 'off',
      clock: { scale: 100 },
      foreign: 'everyone',
    });
    await expectExample('flash.js', alone, [
      image,
      ...[board.https.host, String(board.https.port), board.publicKeyPin],
    ]);
    expect(board.nodes[1]!.powered).toBe(true);
  });
});

describe.skipIf(registry.missing)('turingpi plugin new', () => {
  const languages = IS_FULL ? ['TypeScript', 'JavaScript'] : ['TypeScript'];
  const cases = ['os', 'board', 'strategy', 'action'].flatMap((kind) =>
    languages.map((language) => [kind, language] as const),
  );

  it.each(cases)(
    '%s, in %s: is tested and passes its suite',
    { timeout: LIMIT_MS },
    async (kind, language) => {
      const plugin = await newPlugin(kind, language === 'JavaScript' ? 'plain-one' : 'deep-blue', language);
      const { stdout } = await run('npm', ['test'], { cwd: plugin });
      expect(stdout).toMatch(/^# pass [1-9]/m);
      expect(stdout).toMatch(/\n[1-9]\d* passed, 0 failed\n/);
    },
  );

  it('works with copies of its own of all that it imports', { timeout: LIMIT_MS }, async () => {
    const plugin = await newPlugin('strategy', 'own-copies', 'JavaScript');
    const modules = path.join(project, 'node_modules');
    const own = path.join(plugin, 'node_modules');
    for (const name of withOurDependencies(['@turingpi/core', '@turingpi/provisioning'], packages))
      await cp(path.join(modules, name), path.join(own, name), { recursive: true });
    for (const name of ['tsyringe', 'reflect-metadata', 'zod'])
      await cp(path.join(modules, name), path.join(own, name), { recursive: true });
    const { stdout } = await run(
      process.execPath,
      [path.join(modules, '@turingpi/conformance/bin/turingpi-conformance.js'), plugin],
      { cwd: project },
    );
    expect(stdout).toMatch(/\n[1-9]\d* passed, 0 failed\n/);
  });

  it('refuses what is there, and names that are taken, and leaves nothing behind', async () => {
    const place = path.join(folder, 'empty');
    await mkdir(path.join(place, 'turingpi-os-mine'), { recursive: true });
    for (const words of [
      ['os', 'mine'],
      ['os', 'ubuntu'],
      ['board', 'rk1'],
      ['strategy', 'flash'],
      ['action', 'reboot'],
      ['action', 'network'],
      ['thing', 'mine2'],
      ['os', '../mine'],
    ]) {
      const failed = await run(process.execPath, [turingpi(), 'plugin', 'new', ...words], {
        cwd: place,
      }).catch((error: unknown) => error as { code: number; stderr: string });
      expect(failed, words.join(' ')).toMatchObject({
        code: 2,
        stderr: expect.stringContaining('USAGE') as string,
      });
    }
    expect(await readdir(place)).toEqual(['turingpi-os-mine']);
  });
});

function turingpi(): string {
  return path.join(project, 'node_modules/@turingpi/cli/bin/turingpi.js');
}

/** In the project, whose packages it finds. @returns The folder of the new package. */
async function newPlugin(kind: string, name: string, language: string): Promise<string> {
  const words = ['plugin', 'new', kind, name, ...(language === 'JavaScript' ? ['--js'] : [])];
  await run(process.execPath, [turingpi(), ...words], { cwd: project });
  const plugin = path.join(project, `turingpi-${kind}-${name}`);
  // As `npm install` would put it there; what it imports is found in the folder above.
  const bin = path.join(plugin, 'node_modules/.bin');
  await mkdir(path.dirname(bin), { recursive: true });
  await cp(path.join(project, 'node_modules/.bin'), bin, { recursive: true, verbatimSymlinks: false });
  return plugin;
}

function exampleOf(name: string): string {
  return name === 'cli' ? 'cli.sh' : `${name}.js`;
}

/** Runs an example in a project, and compares what it prints with what it says that it prints. */
async function expectExample(file: string, place: string, words: readonly string[]): Promise<void> {
  const scratch = path.join(place, `run-${file}`);
  await mkdir(scratch);
  await cp(path.join(EXAMPLES, file), path.join(scratch, file));
  const program = file.endsWith('.sh')
    ? (['sh', ['-e', file]] as const)
    : ([process.execPath, [file]] as const);
  const { stdout } = await run(program[0], [...program[1], ...words], { cwd: scratch });
  const text = await readFile(path.join(EXAMPLES, file), 'utf8');
  const promised = [...text.matchAll(/\/\/ → (.*)$/gm)].map(([, line]) => line);
  if (promised.length > 0) expect(stdout.trimEnd().split('\n')).toEqual(promised);
  else expect(stdout).not.toBe('');
}
