import type { PendingChange } from '@turingpi/provisioning';

/** Several changes as one, made in their order; undefined when there is none. */
export function allOf(parts: readonly (PendingChange | undefined)[]): PendingChange | undefined {
  const changes = parts.filter((part) => part !== undefined);
  if (changes.length === 0) return undefined;
  const diffs = changes.flatMap(({ diff }) => (diff === undefined ? [] : [diff]));
  return {
    diff: diffs.length === 0 ? undefined : diffs.join('\n'),
    make: async () => {
      for (const change of changes) await change.make();
    },
  };
}
