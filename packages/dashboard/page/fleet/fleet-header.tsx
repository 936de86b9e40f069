import type { FleetView } from '../../src/fleet/fleet-view.js';
import { StatusMark } from '../mark/status-mark.js';
import { count, formatClock } from '../text/format.js';
import { EngineLink } from './engine-link.js';
import { TallyList } from './tally-list.js';

interface FleetHeaderProps {
  readonly view: FleetView;
  readonly remark: string | undefined;
}

/** Which fleet this is, whether anything goes on, and how its boards do. */
export function FleetHeader({ view, remark }: FleetHeaderProps) {
  const { fleet, at, engine, rollouts, sites } = view;
  const running = rollouts.filter(({ state }) => state === 'running').length;
  const agents = sites.flatMap((site) => site.agents);
  return (
    <header>
      <div class="title">
        <h1>turingpi fleet {fleet}</h1>
        {at !== undefined && (
          <p class="badge">
            <StatusMark status={running > 0 ? 'running' : 'pending'} />
            {running === 0 ? 'nothing goes on' : `${count(running, 'rollout')} going on`}
          </p>
        )}
      </div>
      {at !== undefined && (
        <p class="facts">
          <span>as of {formatClock(Date.parse(at))}</span>
          <span>{count(sites.length, 'site')}</span>
          <span>
            {count(agents.length, 'agent')}, {agents.filter(({ alive }) => alive).length} alive
          </span>
          {engine !== undefined && (
            <span>
              carried by <EngineLink page={engine.page}>{engine.name}</EngineLink>
            </span>
          )}
        </p>
      )}
      <TallyList boards={sites.flatMap(({ boards }) => boards)} />
      {remark !== undefined && <p class="remark">{remark}</p>}
    </header>
  );
}
