import { useMemo } from 'preact/hooks';
import type { ActionView } from '../../src/model/run-view.js';

interface ActionTicksProps {
  readonly actions: readonly ActionView[];
  readonly start: number;
  readonly span: number;
}

const HEIGHT = 10;

/**
 * Every action as a tick. All of one kind are one shape, in milliseconds from left to right: hundreds of them cost no more
 * than one, and the shape stays the same while the scale grows.
 */
export function ActionTicks({ actions, start, span }: ActionTicksProps) {
  const shapes = useMemo(
    () => ({
      changed: ticks(actions, start, 0, ({ status, changed }) => status === 'completed' && changed !== false),
      same: ticks(actions, start, 5, ({ status, changed }) => status === 'completed' && changed === false),
      replayed: ticks(actions, start, 8, ({ status }) => status === 'replayed'),
      open: ticks(actions, start, 0, ({ status }) => status === 'running' || status === 'aborted'),
      failed: ticks(actions, start, 0, ({ status }) => status === 'failed'),
    }),
    [actions, start],
  );
  if (actions.length === 0) return null;
  return (
    <svg class="ticks" viewBox={`0 0 ${span} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
      {Object.entries(shapes).map(
        ([kind, shape]) =>
          shape !== '' && <path key={kind} class={kind} d={shape} vector-effect="non-scaling-stroke" />,
      )}
    </svg>
  );
}

function ticks(
  actions: readonly ActionView[],
  start: number,
  top: number,
  matches: (action: ActionView) => boolean,
): string {
  return actions
    .filter(matches)
    .map(({ from, to }) => `M${(to ?? from) - start} ${top}V${HEIGHT}`)
    .join('');
}
