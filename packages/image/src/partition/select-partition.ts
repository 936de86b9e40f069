import type { FileSystemIdentity } from '../filesystem/identify-file-system.js';
import { ImageError } from '../image-error.js';
import type { Partition } from './partition-table.js';

/** A partition and what is on it. */
export interface IdentifiedPartition {
  readonly partition: Partition;
  readonly identity: FileSystemIdentity;
}

/**
 * Chooses a partition by its number, its GUID (or that of its filesystem), its filesystem's label, or its GPT name,
 * in this order. Identifiers are compared without regard to case.
 *
 * @throws ImageError `IMAGE_NO_PARTITION` when none or more than one fits, listing those there are.
 */
export function selectPartition(
  candidates: readonly IdentifiedPartition[],
  selector: string | number,
): IdentifiedPartition {
  const matches = matchesOf(candidates, selector);
  const [only] = matches;
  if (only !== undefined && matches.length === 1) return only;
  const what = typeof selector === 'number' ? `number ${selector}` : `called ${JSON.stringify(selector)}`;
  throw new ImageError(
    'IMAGE_NO_PARTITION',
    matches.length === 0
      ? `The image has no partition ${what}.`
      : `The image has ${matches.length} partitions ${what}: choose one by its number.`,
    { hint: `There are: ${describePartitions(candidates)}.`, details: { selector } },
  );
}

/** One line about partitions, for error messages. */
export function describePartitions(candidates: readonly IdentifiedPartition[]): string {
  const describe = ({ partition, identity: { kind, label } }: IdentifiedPartition) =>
    `${partition.number} (${kind ?? 'unknown'}${label === '' ? '' : ` ${JSON.stringify(label)}`})`;
  return candidates.length === 0 ? 'none' : candidates.map(describe).join(', ');
}

function matchesOf(
  candidates: readonly IdentifiedPartition[],
  selector: string | number,
): readonly IdentifiedPartition[] {
  if (typeof selector === 'number')
    return candidates.filter(({ partition }) => partition.number === selector);
  const wanted = selector.toLowerCase();
  const ways: ((candidate: IdentifiedPartition) => boolean)[] = [
    ({ partition, identity }) =>
      partition.uuid?.toLowerCase() === wanted || identity.uuid?.toLowerCase() === wanted,
    ({ identity }) => identity.label !== '' && identity.label === selector,
    ({ partition }) => partition.name === selector,
  ];
  for (const way of ways) {
    const found = candidates.filter(way);
    if (found.length > 0) return found;
  }
  return [];
}
