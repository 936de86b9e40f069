import type { SiteView } from '../../src/fleet/fleet-view.js';
import { FailureItem } from '../failure/failure-item.js';
import { useGrowing } from '../run/use-growing.js';

/** What went wrong, with its place and what to do about it; what is tried again is among it. */
export function FleetFailures({ sites }: { readonly sites: readonly SiteView[] }) {
  const failures = sites.flatMap(({ site, boards }) =>
    boards.flatMap(({ board, rollout, nodes }) =>
      nodes.flatMap(({ node, state, step, failure }) =>
        failure === undefined
          ? []
          : [{ site, board, rollout, node, step, failure, again: state === 'running' }],
      ),
    ),
  );
  const drawn = useGrowing(failures.length, 10);
  if (failures.length === 0) return null;
  return (
    <section aria-labelledby="failures">
      <h2 id="failures">What needs you</h2>
      <ul class="failures">
        {failures.slice(0, drawn).map(({ site, board, rollout, node, step, failure, again }) => (
          <FailureItem
            key={`${board} ${node}`}
            blocked={again}
            title={<a href={`#${encodeURIComponent(`board-${board}`)}`}>{`${board}, node ${node}`}</a>}
            where={[step, `site ${site}`, rollout, again ? 'it is tried again' : undefined]
              .filter((part) => part !== undefined)
              .join(', ')}
            code={failure.code}
            message={failure.message}
            hint={failure.hint}
          />
        ))}
      </ul>
    </section>
  );
}
