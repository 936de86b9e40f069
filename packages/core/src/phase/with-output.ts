import { standingInstallation } from '../state/standing-installation.js';
import type { PhaseRecord } from '../state/state-document.js';
import { hashInputs } from './canonical-json.js';

/**
 * A record whose standing output is another one. A finished installation that stands beneath another attempt is amended
 * there.
 *
 * @returns Undefined when nothing stands, or what stands says the same.
 */
export function withOutput(
  current: PhaseRecord | undefined,
  output: NonNullable<PhaseRecord['output']>,
): PhaseRecord | undefined {
  const standing = standingInstallation(current);
  if (current === undefined || standing === undefined) return undefined;
  if (hashInputs(standing.output ?? {}) === hashInputs(output)) return undefined;
  const changed = { ...standing, output };
  if (standing === current) return changed;
  return {
    ...current,
    previous: JSON.parse(JSON.stringify(changed)) as NonNullable<PhaseRecord['previous']>,
  };
}
