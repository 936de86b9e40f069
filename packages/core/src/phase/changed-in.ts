import type { JsonValue } from './phase.js';

/** Whether an action changed something, where its result says so. */
export function changedIn(result: JsonValue): boolean | undefined {
  if (typeof result !== 'object' || result === null || !Object.hasOwn(result, 'changed')) return undefined;
  const { changed } = result as { readonly changed?: unknown };
  return typeof changed === 'boolean' ? changed : undefined;
}
