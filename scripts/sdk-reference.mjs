import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { Application } from 'typedoc';

const ROOT = path.resolve(import.meta.dirname, '..');
const REPOSITORY = 'https://github.com/turingpi-toolkit/turingpi/blob/main';

/**
 * Writes what every public entry of every package exports, as pages that fetch nothing.
 *
 * @throws Error when there is something that TypeDoc cannot read
 */
export async function writeSdkReference(folder) {
  const entries = publicEntries();
  const app = await Application.bootstrap({
    entryPoints: [...entries.keys()],
    tsconfig: path.join(ROOT, 'tsconfig.test.json'), // it reads sources, and those of all packages
    skipErrorChecking: true, // `npm run typecheck` looks for errors
    compilerOptions: { noEmit: true },
    name: 'turingpi SDK',
    readme: 'none',
    navigationLinks: { Documentation: '../' },
    basePath: ROOT,
    disableGit: true,
    sourceLinkTemplate: `${REPOSITORY}/{path}#L{line}`,
    excludePrivate: true,
    excludeInternal: true,
    hideGenerator: true,
    includeVersion: false,
    logLevel: 'Error',
    validation: false,
  });
  const project = await app.convert();
  if (project === undefined) throw new Error('TypeDoc cannot read the sources');
  // They are called as they are imported.
  for (const module of project.children ?? []) {
    const [{ fullFileName } = {}] = module.sources ?? [];
    module.name = entries.get(fullFileName) ?? module.name;
  }
  await app.generateDocs(project, folder);
  if (app.logger.hasErrors()) throw new Error('the reference of the SDK is not whole');
}

/** The source of each entry, and what it is imported as. */
function publicEntries() {
  const packages = path.join(ROOT, 'packages');
  const entries = new Map();
  for (const directory of readdirSync(packages).map((name) => path.join(packages, name))) {
    const file = path.join(directory, 'package.json');
    if (!existsSync(file)) continue;
    const { name, exports } = JSON.parse(readFileSync(file, 'utf8'));
    for (const [entry, target] of Object.entries(exports ?? {})) {
      const source = target['@turingpi/source'];
      if (source !== undefined) entries.set(path.join(directory, source), path.posix.join(name, entry));
    }
  }
  return entries;
}
