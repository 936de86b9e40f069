import { readFile } from 'node:fs/promises';
import { ConfigError } from '@turingpi/core/plugin';

/** Reads a file in PEM. @param name - its key in the configuration @throws ConfigError `CONFIG_INVALID` */
export async function readPem(name: string, file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new ConfigError('CONFIG_INVALID', `\`${name}\`: ${file} cannot be read`, {
      cause,
      hint: 'Name a file in PEM.',
    });
  }
}
