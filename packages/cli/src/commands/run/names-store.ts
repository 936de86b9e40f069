/** Whether a configuration keeps its state elsewhere than in a file. */
export function namesStore(input: unknown): boolean {
  const { state, stateStore } = (input ?? {}) as { readonly state?: unknown; readonly stateStore?: unknown };
  return (state !== undefined && state !== null) || (stateStore !== undefined && stateStore !== 'file');
}
