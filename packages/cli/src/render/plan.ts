import type { ClusterPlan, PlannedNode, PlannedPhase } from '@turingpi/core';
import { type InputChange, nodeName } from '@turingpi/foundation';
import { wordOf } from '../process/phase-words.js';
import { formatDuration } from './format.js';
import { withLocalTimes } from './local-time.js';
import { linesOfActions } from './planned-actions.js';
import { printable } from './printable.js';
import { wrapped } from './wrapped.js';

/**
 * Plans for people; each of several boards below its name.
 *
 * @param columns - how wide it may be, in characters
 */
export function renderPlans(
  plans: readonly { readonly board: string | undefined; readonly plan: ClusterPlan }[],
  columns = Number.POSITIVE_INFINITY,
): string {
  return plans
    .map(({ board, plan }) =>
      board === undefined
        ? renderPlan(plan, columns)
        : `board ${printable(board)}\n${renderPlan(plan, columns)}`,
    )
    .join('\n');
}

/** A plan for people: what becomes of each phase of each node, why, and what is lost by it. */
export function renderPlan(plan: ClusterPlan, columns = Number.POSITIVE_INFINITY): string {
  const nodes = plan.nodes.flatMap((node) => linesOf(node));
  const lines = [...nodes, '', ...summaryOf(plan)].map(printable);
  return `${lines.map((line) => wrapped(line, columns, HANGING + 2)).join('\n')}\n`;
}

/** Where what is said of a phase goes on. */
const HANGING = 12;

function linesOf(node: PlannedNode): string[] {
  const title = `${nodeName(node.nodeId)} ${node.hostname}`;
  if (node.hooks.length === 0 && node.phases.every(({ decision }) => decision === 'skip'))
    return [
      `${title}: nothing to do`,
      ...node.phases.flatMap(({ note }) => (note ? [`  ${withLocalTimes(note)}`] : [])),
    ];
  const hooks = node.hooks.length === 0 ? [] : [`  hooks   run     ${node.hooks.join(', ')}`];
  return [title, ...node.phases.flatMap((phase) => linesOfPhase(phase)), ...hooks];
}

function linesOfPhase(phase: PlannedPhase): string[] {
  const { decision, changes, error, takesEffect } = phase;
  const [first = '', ...remarks] = remarksOf(phase);
  const below = [
    ...remarks,
    ...changes.map((change) => describeChange(change, change.takesEffect ?? takesEffect)),
    ...(error?.hint === undefined ? [] : [error.hint]),
  ];
  const line = `  ${wordOf(phase.phase).padEnd(8)}${decision.padEnd(8)}${first}`.trimEnd();
  return [line, ...below.map((remark) => `${' '.repeat(HANGING)}${remark}`)];
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
    ...(note === undefined ? [] : [withLocalTimes(note)]),
    ...unknown.map((what) => `known only in a run: ${withLocalTimes(what)}`),
    ...(erases === undefined ? [] : [`erases its ${erases.disk}: ${erases.loss}`]),
    ...(power ? ['switches it off and on'] : []),
    ...(estimateMs === undefined ? [] : [`took ${formatDuration(estimateMs)} last time`]),
    ...(actions === undefined ? [] : linesOfActions(actions)),
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
