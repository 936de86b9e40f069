import type { ActionView, NodeView } from '../../src/model/run-view.js';
import { StatusMark } from '../mark/status-mark.js';
import { useGrowing } from '../run/use-growing.js';
import { formatClock, formatDuration } from '../text/format.js';
import { ACTION_STATUS } from '../text/words.js';

const AT_ONCE = 40;

/** Every action of a node. */
export function ActionTable({ node }: { readonly node: NodeView }) {
  const { hostname, actions } = node;
  const drawn = useGrowing(actions.length, AT_ONCE);
  return (
    <div class="scroll tall" role="region" aria-label={`Actions of ${hostname}`} tabIndex={0}>
      <table class="action-table">
        <thead>
          <tr>
            <th scope="col">No.</th>
            <th scope="col">Action</th>
            <th scope="col">Result</th>
            <th scope="col">Began</th>
            <th scope="col">Took</th>
          </tr>
        </thead>
        <tbody>
          {actions.slice(0, drawn).map((action) => (
            <ActionRow key={`${action.index} ${action.from}`} action={action} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function ActionRow({ action }: { readonly action: ActionView }) {
  const { index, status, changed, note, failure, from, to } = action;
  return (
    <tr>
      <td class="number">{index}</td>
      <th scope="row">
        {action.action}
        {note !== undefined && <span class="quiet"> {note}</span>}
      </th>
      <td>
        <span class="cell-status">
          <StatusMark status={status} />
          {ACTION_STATUS[status]}
          {changed === true && ', changed something'}
          {changed === false && ', changed nothing'}
        </span>
        {failure !== undefined && (
          <p>
            <code>{failure.code}</code> {failure.message}
          </p>
        )}
      </td>
      <td class="number">{formatClock(from)}</td>
      <td class="number">{status === 'replayed' || to === undefined ? '' : formatDuration(to - from)}</td>
    </tr>
  );
}
