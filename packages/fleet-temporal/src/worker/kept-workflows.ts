import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** Of what the workflows consist, and what runs them. */
const MADE_OF = ['@turingpi/fleet-temporal', '@turingpi/fleet', '@temporalio/workflow', '@temporalio/worker'];

/** A package, as it was when workflows were bundled. */
export interface BundledPackage {
  readonly name: string;
  readonly version: string;
  /** When the compiler last wrote its files, in a clone of the repository; milliseconds since the epoch. */
  readonly builtMs?: number;
}

/** Workflows as one file, made when the package was built. */
export interface KeptWorkflows {
  readonly madeOf: readonly BundledPackage[];
  readonly code: string;
}

/** Where the build leaves them. */
export function keptWorkflowsFile(): string {
  return path.join(folderOf('@turingpi/fleet-temporal'), 'dist/bundled-workflows.json');
}

/** The packages as they are installed now. */
export function packagesNow(): Promise<readonly BundledPackage[]> {
  return Promise.all(
    MADE_OF.map(async (name) => {
      const folder = folderOf(name);
      const manifest = JSON.parse(
        await readFile(path.join(folder, 'package.json'), 'utf8'),
      ) as BundledPackage;
      const compiled = await stat(path.join(folder, 'dist/.tsbuildinfo')).catch(() => undefined);
      return {
        name,
        version: manifest.version,
        ...(compiled !== undefined && { builtMs: compiled.mtimeMs }),
      };
    }),
  );
}

/** @returns The text; undefined when there is none, or it is not of what is installed: in a clone that was compiled since. */
export async function keptWorkflows(file = keptWorkflowsFile()): Promise<string | undefined> {
  try {
    const { madeOf, code } = JSON.parse(await readFile(file, 'utf8')) as KeptWorkflows;
    const now = await packagesNow();
    const isSame = now.every(({ name, version, builtMs }) => {
      const then = madeOf.find((each) => each.name === name);
      return then?.version === version && [undefined, then.builtMs].includes(builtMs);
    });
    return isSame ? code : undefined;
  } catch {
    return undefined; // they are bundled now: that takes seconds, and is right in any case
  }
}

function folderOf(name: string): string {
  return path.dirname(fileURLToPath(import.meta.resolve(`${name}/package.json`)));
}
