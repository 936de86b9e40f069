import { existsSync } from 'node:fs';
import path from 'node:path';

/** What a configuration is called where nobody names one, in the order in which it is looked for. */
export const CONFIG_FILES = ['turingpi.yaml', 'turingpi.yml', 'turingpi.json'] as const;

/** The configuration in a folder; undefined when there is none. */
export function configFileIn(cwd: string): string | undefined {
  return CONFIG_FILES.map((name) => path.join(cwd, name)).find((file) => existsSync(file));
}
