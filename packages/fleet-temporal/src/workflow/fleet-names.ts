import type { StepName } from '@turingpi/fleet/orchestrator';

/** What the parts of one fleet are called in Temporal, where several may share a namespace. These names are in clear. */
export interface FleetNames {
  /** The queue of the controller. */
  readonly controller: string;
  /** The queue that nothing is put into: who waits there is an agent. */
  readonly agents: string;
  /** The queue of a site for one kind of step. */
  queue(site: string, step: StepName | 'plan'): string;
  /** Ids of workflows: each is there at most once. */
  rollout(id: string): string;
  board(name: string): string;
  drain(site: string): string;
}

const QUEUES = { customise: 'build', install: 'flash', postInstall: 'post', plan: 'plan' } as const;

/** The names of a fleet. */
export function fleetNames(fleet: string): FleetNames {
  return {
    controller: `${fleet}.fleet`,
    agents: `${fleet}.agents`,
    queue: (site, step) => `${fleet}.site.${site}.${QUEUES[step]}`,
    rollout: (id) => `${fleet}/rollout/${id}`,
    board: (name) => `${fleet}/board/${name}`,
    drain: (site) => `${fleet}/drain/${site}`,
  };
}
