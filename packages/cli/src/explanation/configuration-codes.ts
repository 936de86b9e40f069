import { docsPage } from '@turingpi/foundation';
import type { ExplainedFamily } from './explanation.js';

/** The command line, the configuration and the plugins: `packages/cli`, `packages/core`. */
export const CONFIGURATION_CODES: ExplainedFamily = {
  title: 'the command line, the configuration and plugins',
  codes: {
    USAGE: {
      means: 'the command line is wrong, or nobody can be asked',
      cure: 'see the message, or `--help`',
    },
    ABORTED: {
      means: 'it was stopped: Ctrl-C, or an `AbortSignal`',
      cure: 'run again: it goes on where it was',
    },
    INTERNAL: {
      means: 'an error that nobody foresaw',
      cure: 'report it with the lines that `--verbose` shows',
    },
    CONFIG_NOT_FOUND: {
      means: 'there is no configuration file',
      cure: 'name it with `-c`, or write one with `turingpi init`',
    },
    CONFIG_UNREADABLE: {
      means: 'the file cannot be read, or is no YAML; the message has the line and column',
      cure: 'correct that place; a configuration is one document in UTF-8',
    },
    CONFIG_INVALID: {
      means: 'a key is unknown, missing or wrong; every one is listed with its line and column',
      cure: `\`turingpi validate\` lists them; every key is in ${docsPage('configuration')}`,
    },
    CONFIG_SECRET_MISSING: {
      means: 'a secret is to come from a variable that is not set, or a file that cannot be read',
      cure: 'set the variable, or write the file (mode 0600)',
    },
    CACHE_DIR_NOT_OURS: {
      means: 'the cache directory, or a file in it, belongs to somebody else or can be written by others',
      cure: 'take another `cacheDir`, or do what the hint says',
    },
    CATALOG_UNREADABLE: {
      means: 'a catalogue of base images cannot be read, or is none',
      cure: 'give a file or address with JSON as catalog/base-images.schema.json of @turingpi/provisioning says it',
    },
    PLUGIN_NOT_FOUND: {
      means: 'a plugin that is named is not installed, or none brings the board or system that is meant',
      cure: 'install the package beside the configuration; `turingpi plugin list` lists what was found',
    },
    PLUGIN_INVALID: {
      means: 'a plugin cannot be loaded, or brings something that does not keep to the contract',
      cure: `install another version of it; its author finds the contract in ${docsPage('writing-a-plugin')}`,
    },
    PLUGIN_API_MISMATCH: {
      means: 'a plugin was made for another version of the plugin API',
      cure: 'install the versions of core and plugin that fit each other',
    },
    PLUGIN_DUPLICATE_ID: {
      means: 'two plugins bring the same thing',
      cure: 'say which one is meant with `replace`, or remove one',
    },
    PLUGIN_SERVICE_MISSING: {
      means: 'no plugin brings a service that another one needs',
      cure: 'install the package that brings it and add it to `plugins`',
    },
  },
};
