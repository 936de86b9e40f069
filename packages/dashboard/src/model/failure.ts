import type { PhaseName } from '@turingpi/core/plugin';
import type { FailureView, NodeView } from './run-view.js';

/** What an event says of a failure, without the rest of it. */
export function failureOf({ code, message, hint, console }: FailureView): FailureView {
  return {
    code,
    message,
    ...(hint === undefined ? {} : { hint }),
    ...(console === undefined || console.length === 0 ? {} : { console }),
  };
}

/** An action, or a phase. */
export type FailurePlace =
  { readonly index: number; readonly action: string } | { readonly phase: PhaseName };

/** A failure of a node, once, however many events told it. */
export interface NodeFailure extends FailureView {
  readonly node: NodeView;
  /** Where it was met, from the inside out; nowhere when the node alone tells it. */
  readonly where: readonly FailurePlace[];
  /** It was left alone on purpose. */
  readonly blocked: boolean;
}

/** What went wrong on a node: an error that an action, its phase and its node tell is one. */
export function failuresOf(node: NodeView): readonly NodeFailure[] {
  const found = new Map<string, NodeFailure>();
  const add = (failure: FailureView | undefined, where: FailurePlace | undefined, blocked = false) => {
    if (failure === undefined) return;
    const key = JSON.stringify([failure.code, failure.message]);
    const known = found.get(key);
    found.set(key, {
      ...{ ...failure, ...known, node },
      where: [...(known?.where ?? []), ...(where === undefined ? [] : [where])],
      blocked: known?.blocked ?? blocked,
    });
  };
  for (const { failure, index, action } of node.actions) add(failure, { index, action });
  for (const { failure, phase, status } of node.phases) add(failure, { phase }, status === 'blocked');
  add(node.failure, undefined, node.status === 'blocked');
  return [...found.values()];
}
