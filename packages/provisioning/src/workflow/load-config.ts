import { type ConfigFile, readConfigFile } from '@turingpi/core/plugin';
import { modePlaces, readWrittenMode } from './file-mode.js';

/**
 * Reads a YAML or JSON configuration file, with the modes of its workflow as they are written there: to YAML, `0644` is
 * the number 644.
 *
 * @throws ConfigError `CONFIG_NOT_FOUND` or `CONFIG_UNREADABLE` with the line of the syntax error; `CONFIG_INVALID` for
 * what is no map of keys.
 */
export function loadConfig(file: string): Promise<ConfigFile> {
  return readConfigFile(file, (input, writtenAt) => {
    const workflow: unknown =
      typeof input === 'object' && input !== null && 'workflow' in input && input.workflow;
    for (const { path, holder } of modePlaces(workflow)) {
      const written = writtenAt(['workflow', ...path, 'mode']);
      if (written !== undefined) holder['mode'] = readWrittenMode(written);
    }
    return input;
  });
}
