import type { NodeView, PhaseView, ResourceSpan } from '../../src/model/run-view.js';
import { StatusMark } from '../mark/status-mark.js';
import { formatClock, formatDuration } from '../text/format.js';
import { WithCode } from '../text/with-code.js';
import { PHASE_STATUS, PHASE_WORDS, RESOURCE } from '../text/words.js';

/** The phases of a node in the order in which they ran, each with why it ran or did not. */
export function PhaseList({ node }: { readonly node: NodeView }) {
  return (
    <ol class="phases" aria-label={`Phases of ${node.hostname}`}>
      {node.phases.map((phase) => (
        <PhaseItem key={`${phase.phase} ${phase.from}`} phase={phase} resources={node.resources} />
      ))}
    </ol>
  );
}

interface PhaseItemProps {
  readonly phase: PhaseView;
  readonly resources: readonly ResourceSpan[];
}

function PhaseItem({ phase, resources }: PhaseItemProps) {
  const { status, from, to, failure } = phase;
  const waits = resources.filter(
    (each) =>
      each.phase === phase.phase &&
      each.from >= from &&
      each.from <= (to ?? Infinity) &&
      each.waitedMs >= 1000,
  );
  return (
    <li>
      <strong>{PHASE_WORDS[phase.phase]}</strong>
      <span class="cell-status">
        <StatusMark status={status} />
        {PHASE_STATUS[status]}
      </span>
      <span class="number quiet">
        <span class="unseen">began </span>
        {formatClock(from)}
      </span>
      <span class="number">{status === 'skipped' || status === 'blocked' ? '' : lasted(from, to)}</span>
      <div class="why">
        <Why phase={phase} />
        {waits.map(({ resource, waitedMs, from: begun }) => (
          <p key={begun} class="quiet">
            waited {formatDuration(waitedMs)} for {RESOURCE[resource]}
          </p>
        ))}
        {failure !== undefined && (
          <p>
            <code>{failure.code}</code> <WithCode text={failure.message} />
          </p>
        )}
      </div>
    </li>
  );
}

function lasted(from: number, to: number | undefined): string {
  return to === undefined ? 'goes on' : formatDuration(to - from);
}

function Why({ phase }: { readonly phase: PhaseView }) {
  const { status, reason, changes, note, warnings } = phase;
  return (
    <>
      {reason !== undefined && <p>{reason}</p>}
      {note !== undefined && <p>{note}</p>}
      {status === 'skipped' && note === undefined && <p>nothing changed</p>}
      {changes.length > 0 && (
        <ul class="changes">
          {changes.map(({ name, before, after }) => (
            <li key={name}>
              {name}: <del>{before}</del> <span aria-hidden="true">→</span>
              <span class="unseen"> is now </span> <ins>{after}</ins>
            </li>
          ))}
        </ul>
      )}
      {warnings.map((warning) => (
        <p key={warning} class="warning">
          <strong>Warning:</strong> {warning}
        </p>
      ))}
    </>
  );
}
