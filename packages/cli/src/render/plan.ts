import type { ClusterPlan, PlannedActions, PlannedNode, PlannedPhase } from '@turingpi/core';
import { type InputChange, nodeName } from '@turingpi/foundation';
import { wordOf } from '../process/phase-words.js';
import { formatDuration } from './format.js';
import { printable } from './printable.js';

/** Plans for people; each of several boards below its name. */
export function renderPlans(
  plans: readonly { readonly board: string | undefined; readonly plan: ClusterPlan }[],
): string {
  return plans
    .map(({ board, plan }) =>
      board === undefined ? renderPlan(plan) : `board ${printable(board)}\n${renderPlan(plan)}`,
    )
    .join('\n');
}

/** A plan for people: what becomes of each phase of each node, why, and what is lost by it. */
export function renderPlan(plan: ClusterPlan): string {
  const nodes = plan.nodes.flatMap((node) => linesOf(node));
  return `${[...nodes, '', ...summaryOf(plan)].map(printable).join('\n')}\n`;
}

function linesOf(node: PlannedNode): string[] {
  const title = `${nodeName(node.nodeId)} ${node.hostname}`;
  if (node.hooks.length === 0 && node.phases.every(({ decision }) => decision === 'skip'))
    return [`${title}: nothing to do`, ...node.phases.flatMap(({ note }) => (note ? [`  ${note}`] : []))];
  const hooks = node.hooks.length === 0 ? [] : [`  hooks   run     ${node.hooks.join(', ')}`];
  return [title, ...node.phases.flatMap((phase) => linesOfPhase(phase)), ...hooks];
}

function linesOfPhase(phase: PlannedPhase): string[] {
  const { decision, changes, error, takesEffect } = phase;
  return [
    `  ${wordOf(phase.phase).padEnd(8)}${decision.padEnd(8)}${remarksOf(phase).join('; ')}`.trimEnd(),
    ...changes.map((change) => `            ${describeChange(change, change.takesEffect ?? takesEffect)}`),
    ...(error?.hint === undefined ? [] : [`            ${error.hint}`]),
  ];
}

/** A setting before and now, and how it comes to be true. */
function describeChange(
  { name, before, after, note }: InputChange,
  takesEffect: PlannedPhase['takesEffect'],
): string {
  const how = takesEffect === 'in place' ? 'applied in place' : takesEffect;
  const remarks = [how, note].filter((remark) => remark !== undefined);
  const value = before === after ? after : `${before} → ${after}`;
  return `${name}: ${value}${remarks.length === 0 ? '' : ` (${remarks.join('; ')})`}`;
}

function remarksOf({
  reason,
  note,
  unknown,
  erases,
  power,
  actions,
  error,
  estimateMs,
}: PlannedPhase): string[] {
  return [
    ...(error === undefined ? [] : [`${error.code}: ${error.message}`]),
    ...(reason === undefined ? [] : [reason]),
    ...(note === undefined ? [] : [note]),
    ...unknown.map((what) => `known only in a run: ${what}`),
    ...(erases === undefined ? [] : [`erases its ${erases.disk}: ${erases.loss}`]),
    ...(power ? ['switches it off and on'] : []),
    ...(actions === undefined ? [] : remarksOfActions(actions)),
    ...(estimateMs === undefined ? [] : [`took ${formatDuration(estimateMs)} last time`]),
  ];
}

function remarksOfActions({ kept, from, run, again, asks = [] }: PlannedActions): string[] {
  if (from === undefined) return [`${kept} actions stay done`];
  const what = run === undefined ? '' : `: ${run.length === 0 ? 'none' : run.join(', ')}`;
  return [
    ...(kept === 0 ? [`all actions${what}`] : [`from action ${from + 1} on${what}`]),
    ...(again.length === 0 ? [] : [`done before, and again: ${again.join(', ')}`]),
    ...(asks.length === 0 ? [] : [`asked about before they repeat: ${asks.join(', ')}`]),
  ];
}

function summaryOf({ nodes, changes }: ClusterPlan): string[] {
  if (!changes) return ['Nothing to do.'];
  const count = (decision: PlannedPhase['decision']) =>
    nodes.filter(
      ({ phases, hooks }) =>
        phases.some((phase) => phase.decision === decision) || (decision === 'run' && hooks.length > 0),
    ).length;
  const disks = nodes.filter(({ phases }) => phases.some(({ erases }) => erases !== undefined));
  const parts = [
    `${count('run')} of ${nodes.length} nodes would run`,
    ...(count('blocked') === 0 ? [] : [`${count('blocked')} blocked`]),
    ...(disks.length === 0
      ? []
      : [`would be erased: ${disks.map(({ nodeId }) => nodeName(nodeId)).join(', ')}`]),
  ];
  return [`${parts.join('; ')}.`];
}
