import { fileURLToPath } from 'node:url';

/** A file of the scenario that is no module: it stays where it is when the benchmark is compiled. */
export function scenarioFile(name: string): string {
  return fileURLToPath(new URL(`../../runtime/scenario/${name}`, import.meta.url));
}
