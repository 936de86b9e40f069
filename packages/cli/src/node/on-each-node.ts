import { EXIT, exitCodeOf } from '../process/exit-codes.js';
import type { NamedNode } from './named-nodes.js';

/** How work on one of several nodes ended. */
export type NodeOutcome<T> = {
  readonly named: NamedNode;
  readonly durationMs: number;
} & ({ readonly result: T } | { readonly error: unknown });

/** Does the same with several nodes at once; what goes wrong with one is no reason to leave the others. */
export function onEachNode<T>(
  nodes: readonly NamedNode[],
  work: (named: NamedNode) => Promise<T>,
): Promise<readonly NodeOutcome<T>[]> {
  return Promise.all(
    nodes.map(async (named): Promise<NodeOutcome<T>> => {
      const begun = performance.now();
      const took = () => ({ named, durationMs: Math.round(performance.now() - begun) });
      try {
        const result = await work(named);
        return { ...took(), result };
      } catch (error) {
        return { ...took(), error };
      }
    }),
  );
}

/**
 * The exit code of work on several nodes: an interruption, then a result that is a failure, then the first error.
 *
 * @param succeeded - whether a result is a good one
 */
export function exitCodeOfNodes<T>(
  outcomes: readonly NodeOutcome<T>[],
  signal: AbortSignal,
  succeeded: (result: T) => boolean = () => true,
): number {
  if (signal.aborted) return EXIT.interrupted;
  const errors = outcomes.flatMap((one) => ('error' in one ? [one.error] : []));
  if (outcomes.some((one) => 'result' in one && !succeeded(one.result))) return EXIT.failed;
  return errors.length === 0 ? EXIT.ok : exitCodeOf(errors[0]);
}
