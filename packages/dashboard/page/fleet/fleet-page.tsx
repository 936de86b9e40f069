import { useEffect } from 'preact/hooks';
import type { FleetView } from '../../src/fleet/fleet-view.js';
import { useStages } from '../run/use-stages.js';
import { FleetFailures } from './fleet-failures.js';
import { FleetHeader } from './fleet-header.js';
import { RolloutList } from './rollout-list.js';
import { SiteList } from './site-list.js';

interface FleetPageProps {
  readonly view: FleetView;
  readonly remark: string | undefined;
  /** With which something may be asked; missing where nobody is there to be asked. */
  readonly session: Promise<string | undefined> | undefined;
}

/** The whole page: what needs somebody, the rollouts, and every site with its agents and boards. */
export function FleetPage({ view, remark, session }: FleetPageProps) {
  const { fleet, at: told, rollouts, sites } = view;
  const at = told === undefined ? 0 : Date.parse(told);
  const drawn = useStages(3);
  useEffect(() => {
    if (fleet !== '') document.title = `turingpi fleet ${fleet}`;
  }, [fleet]);
  return (
    <>
      <a class="skip" href="#sites">
        Skip to the sites
      </a>
      <FleetHeader view={view} remark={remark} />
      <main>
        <FleetFailures sites={sites} />
        {drawn > 1 && told !== undefined && <RolloutList rollouts={rollouts} at={at} session={session} />}
        {drawn > 2 && <SiteList sites={sites} at={at} />}
      </main>
    </>
  );
}
