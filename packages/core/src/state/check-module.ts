import { type ModuleId, moduleChanged, moduleDifference } from '../node/module-id.js';
import { nodeName } from '@turingpi/foundation';
import type { Node } from '../node/node.js';
import { standingInstallation } from './standing-installation.js';
import type { StateStore } from './state-store.js';

/**
 * Compares the module that a node runs on with the one on record. Facts that are not on record are recorded.
 *
 * @throws IdentityError `MODULE_CHANGED`; nothing is recorded then.
 */
export async function checkModule(state: StateStore, node: Node, found: ModuleId): Promise<void> {
  const recorded = moduleOf((await state.load())[nodeName(node.id)]?.os_installation?.output);
  const difference = moduleDifference(recorded, found);
  if (difference !== undefined) throw moduleChanged(node, difference, { recorded, found });
  const facts = JSON.parse(JSON.stringify({ ...found, ...recorded })) as Record<string, string>;
  if (Object.keys(facts).length === Object.keys(recorded).length) return;
  await state.amend(nodeName(node.id), (phases) => {
    const current = phases?.os_installation;
    const installed = standingInstallation(current);
    if (current === undefined || installed !== current || current.output === undefined) return undefined;
    return { ...phases, os_installation: { ...current, output: { ...current.output, module: facts } } };
  });
}

function moduleOf(output: { readonly module?: unknown } | undefined): ModuleId {
  const module = output?.module;
  return typeof module === 'object' && module !== null ? module : {};
}
