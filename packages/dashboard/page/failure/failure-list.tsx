import type { FailurePlace, NodeFailure } from '../../src/model/failure.js';
import { StatusMark } from '../mark/status-mark.js';
import { anchorOf, hrefOf } from '../node/node-anchor.js';
import { useGrowing } from '../run/use-growing.js';
import { WithCode } from '../text/with-code.js';
import { PHASE_WORDS } from '../text/words.js';

/** What went wrong, and what was left alone on purpose: each with what to do about it. */
export function FailureList({ failures }: { readonly failures: readonly NodeFailure[] }) {
  const drawn = useGrowing(failures.length, 10);
  return (
    <section aria-labelledby="failures">
      <h2 id="failures">What needs you</h2>
      <ul class="failures">
        {failures.slice(0, drawn).map((failure) => (
          <Failure key={`${anchorOf(failure.node)} ${failure.code} ${failure.message}`} failure={failure} />
        ))}
      </ul>
    </section>
  );
}

function Failure({ failure }: { readonly failure: NodeFailure }) {
  const { node, where, blocked, code, message, hint, console } = failure;
  return (
    <li class={blocked ? 'failure is-blocked' : 'failure is-failed'}>
      <h3>
        <StatusMark status={blocked ? 'blocked' : 'failed'} />
        <a href={hrefOf(node)}>{node.hostname}</a>
        <span class="where">{where.length === 0 ? 'node' : where.map(placeWords).join(', ')}</span>
        <code>{code}</code>
      </h3>
      <p class="message">
        <WithCode text={message} />
      </p>
      {hint !== undefined && (
        <p class="hint">
          <strong>What to do:</strong> <WithCode text={hint} />
        </p>
      )}
      {console !== undefined && (
        <figure>
          <figcaption>The node’s console, last lines</figcaption>
          <pre tabIndex={0}>{console.join('\n')}</pre>
        </figure>
      )}
    </li>
  );
}

function placeWords(place: FailurePlace): string {
  return 'phase' in place ? PHASE_WORDS[place.phase] : `action ${place.index} ${place.action}`;
}
