import { proxyActivities, proxyLocalActivities } from '@temporalio/workflow';
import type { ControllerActivities } from '../activity/controller-activities.js';

const { isDrained } = proxyLocalActivities<ControllerActivities>({ startToCloseTimeout: '10 s' });
const { untilResumed } = proxyActivities<ControllerActivities>({
  startToCloseTimeout: '1 day',
  heartbeatTimeout: '1 min',
});

/** The sites that a rollout has found drained, until they are resumed. */
export class DrainedSites {
  readonly #drained = new Set<string>();

  constructor(
    private readonly fleet: string,
    private readonly change: () => void,
  ) {}

  has(site: string): boolean {
    return this.#drained.has(site);
  }

  /** Looks whether a site is drained. */
  async look(site: string): Promise<boolean> {
    if (!(await isDrained(this.fleet, site))) return false;
    this.#drained.add(site);
    const over = () => {
      this.#drained.delete(site);
      this.change();
    };
    untilResumed(this.fleet, site).then(over, over);
    return true;
  }
}
