import { CONFIG_KEYS, configJsonSchema, type Extensions, type JsonSchema } from '@turingpi/core/plugin';
import { actionsOf } from '../action/actions.js';
import { declarativeWorkflowSchema } from './declarative-schema.js';

/**
 * The JSON Schema of a configuration file with a `workflow` section, with what plugins add to both: for editors.
 *
 * @param extensions - of the plugins that the configuration uses
 */
export function declaredJsonSchema(extensions: Extensions): JsonSchema {
  return configJsonSchema({
    keys: extensions.all(CONFIG_KEYS),
    workflow: declarativeWorkflowSchema(actionsOf(extensions)),
  });
}
