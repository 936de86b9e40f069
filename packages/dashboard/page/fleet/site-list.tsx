import type { AgentView, SiteView } from '../../src/fleet/fleet-view.js';
import { StatusMark } from '../mark/status-mark.js';
import { useGrowing } from '../run/use-growing.js';
import { formatDuration } from '../text/format.js';
import { FleetBoard } from './fleet-board.js';

const BOARDS_AT_ONCE = 24;

interface SiteListProps {
  readonly sites: readonly SiteView[];
  /** Where the time has got to, in milliseconds since 1970. */
  readonly at: number;
}

/** Every site: who serves it, and its boards. */
export function SiteList({ sites, at }: SiteListProps) {
  return (
    <section aria-labelledby="sites">
      <h2 id="sites" tabIndex={-1}>
        Sites
      </h2>
      {sites.map((site) => (
        <Site key={site.site} site={site} at={at} />
      ))}
    </section>
  );
}

function Site({
  site: { site, draining, agents, boards },
  at,
}: {
  readonly site: SiteView;
  readonly at: number;
}) {
  const drawn = useGrowing(boards.length, BOARDS_AT_ONCE);
  return (
    <section class="site" aria-labelledby={`site-${site}`}>
      <div class="title">
        <h3 id={`site-${site}`}>{site}</h3>
        {draining && (
          <p class="badge is-draining">
            <StatusMark status="blocked" />
            drained: it finishes what runs, and takes nothing new
          </p>
        )}
      </div>
      {agents.length === 0 ? (
        <p class="no-agent">
          <StatusMark status="blocked" />
          <span>
            No agent serves it: <code>turingpi fleet agent --site {site}</code> starts one there.
          </span>
        </p>
      ) : (
        <ul class="agents" aria-label={`Agents of ${site}`}>
          {agents.map((agent) => (
            <Agent key={agent.agent} agent={agent} draining={draining} at={at} />
          ))}
        </ul>
      )}
      <div class="fleet-boards">
        {boards.slice(0, drawn).map((board) => (
          <FleetBoard key={board.board} board={board} />
        ))}
      </div>
    </section>
  );
}

interface AgentProps {
  readonly agent: AgentView;
  readonly draining: boolean;
  readonly at: number;
}

function Agent({ agent: { agent, alive, seenAt }, draining, at }: AgentProps) {
  const agoMs = Math.round((at - Date.parse(seenAt)) / 1000) * 1000;
  return (
    <li>
      <StatusMark status={!alive ? 'failed' : draining ? 'blocked' : 'completed'} />
      <strong>{agent}</strong>
      <span>{!alive ? 'silent' : draining ? 'alive, takes nothing new' : 'alive'}</span>
      <span class="quiet">last sign {agoMs < 2000 ? 'just now' : `${formatDuration(agoMs)} ago`}</span>
    </li>
  );
}
