import type { FailurePlace, NodeFailure } from '../../src/model/failure.js';
import { anchorOf, hrefOf } from '../node/node-anchor.js';
import { useGrowing } from '../run/use-growing.js';
import { PHASE_WORDS } from '../text/words.js';
import { FailureItem } from './failure-item.js';

/** What went wrong, and what was left alone on purpose: each with what to do about it. */
export function FailureList({ failures }: { readonly failures: readonly NodeFailure[] }) {
  const drawn = useGrowing(failures.length, 10);
  return (
    <section aria-labelledby="failures">
      <h2 id="failures">What needs you</h2>
      <ul class="failures">
        {failures.slice(0, drawn).map(({ node, where, ...failure }) => (
          <FailureItem
            {...failure}
            key={`${anchorOf(node)} ${failure.code} ${failure.message}`}
            title={<a href={hrefOf(node)}>{node.hostname}</a>}
            where={where.length === 0 ? 'node' : where.map(placeWords).join(', ')}
            hint={failure.hint}
          />
        ))}
      </ul>
    </section>
  );
}

function placeWords(place: FailurePlace): string {
  return 'phase' in place ? PHASE_WORDS[place.phase] : `action ${place.index} ${place.action}`;
}
