import type { EngineLinks } from '@turingpi/fleet/orchestrator';
import { fleetNames } from '../workflow/fleet-names.js';
import type { TemporalSettings } from './temporal-settings.js';

/** Where Temporal's own page shows the workflows of a fleet; undefined where the settings do not say where that page is. */
export function temporalLinks(
  fleet: string,
  { page, namespace }: Pick<TemporalSettings, 'page' | 'namespace'>,
): EngineLinks | undefined {
  if (page === undefined) return undefined;
  const names = fleetNames(fleet);
  const workflows = `${page.replace(/\/+$/, '')}/namespaces/${encodeURIComponent(namespace)}/workflows`;
  const workflow = (id: string) => `${workflows}/${encodeURIComponent(id)}`;
  return {
    page: workflows,
    rollout: (id) => workflow(names.rollout(id)),
    board: (name) => workflow(names.board(name)),
  };
}
