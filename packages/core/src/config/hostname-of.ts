import type { NodeId } from '@turingpi/foundation';

/** The host name of a node: its own, else the pattern with its number for `{id}`. */
export function hostnameOf(
  id: NodeId,
  { hostname }: { readonly hostname?: string | undefined },
  pattern: string,
): string {
  return hostname ?? pattern.replaceAll('{id}', String(id));
}
