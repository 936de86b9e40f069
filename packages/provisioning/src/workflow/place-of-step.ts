import type { ParseConfigOptions } from '@turingpi/core/plugin';
import { type DeclaredNode, originOf } from './declared-node.js';
import type { DeclarativeWorkflow } from './declarative-schema.js';
import type { PlaceOfStep } from './planned-steps.js';

/**
 * Tells where the steps of a node are written in a configuration file.
 *
 * @param list - where they are in the section, as in `['postInstall']`
 */
export function placeOfStep(
  workflow: DeclarativeWorkflow,
  node: DeclaredNode,
  list: readonly string[],
  {
    source,
    placeOf,
    pathInWhole = (path) => path,
  }: Pick<ParseConfigOptions, 'source' | 'placeOf' | 'pathInWhole'>,
): PlaceOfStep {
  return (keys) => {
    const place = placeOf?.(pathInWhole(['workflow', ...originOf(workflow, node, [...list, ...keys])]));
    return place === undefined ? undefined : `${source ?? 'the configuration'}:${place.line}:${place.column}`;
  };
}
