import type { NodeId } from '@turingpi/foundation';
import { configInvalid, type Context, type NodeHooks } from '@turingpi/core/plugin';
import { actionsOf } from '../action/actions.js';
import { onNode } from '../post-install/on-node.js';
import { mergedPart } from './declared-node.js';
import type { DeclarativeNodePart } from './declarative-schema.js';
import type { DeclaredCluster, DeclarativeWorkflowOptions } from './declarative-workflow.js';
import { parseWorkflow } from './parse-workflow.js';
import { placeOfStep } from './place-of-step.js';
import { performSteps, stepsOf } from './planned-steps.js';
import { waitUntilHealthy } from './wait-until-healthy.js';

/**
 * What the `workflow` section of a configuration says is to be done around installations: `hooks` and `healthy`, as hooks
 * of a run.
 *
 * @throws ConfigError `CONFIG_INVALID` naming the key.
 */
export function declarativeHooks(
  { config, registry }: DeclaredCluster,
  options: Pick<DeclarativeWorkflowOptions, 'source' | 'placeOf' | 'pathInWhole'>,
): NodeHooks {
  const actions = actionsOf(registry.extensions);
  const { workflow, issues } = parseWorkflow(config.workflow, actions);
  if (issues.length > 0) throw configInvalid(issues, options);
  const partOf = (id: NodeId) => mergedPart(workflow, { id, board: config.boardName });
  const parts = [...config.nodes.keys()].map((id) => partOf(id));
  const steps = async (context: Context, name: 'beforeErase' | 'afterInstall') => {
    const { id } = context.node;
    const place = placeOfStep(workflow, { id, board: config.boardName }, ['hooks', name], options);
    const planned = stepsOf(partOf(id).hooks?.[name] ?? [], actions, place);
    if (planned.length === 0) return 'nothing to do';
    const told: string[] = [];
    await onNode(context, (_local, _remote, perform) =>
      performSteps(planned, perform, config.baseDir, ({ action, input }) =>
        told.push(`${action.id} ${action.note?.(input) ?? ''}`.trim()),
      ),
    );
    return told.join('; ');
  };
  const isSaid = (said: (part: DeclarativeNodePart) => boolean) => parts.some(said);
  return {
    ...(isSaid(({ hooks }) => (hooks?.beforeErase ?? []).length > 0) && {
      beforeErase: (context) => steps(context, 'beforeErase'),
    }),
    ...(isSaid(({ hooks }) => (hooks?.afterInstall ?? []).length > 0) && {
      afterInstall: (context) => steps(context, 'afterInstall'),
    }),
    ...(isSaid(({ healthy }) => healthy !== undefined) && {
      healthy: async (context) => {
        const { healthy } = partOf(context.node.id);
        return healthy === undefined ? 'not asked for' : waitUntilHealthy(context, healthy);
      },
    }),
  };
}
