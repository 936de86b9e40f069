/** What `turingpi plugin new` makes, with the name that its template has: real code, which compiles as it lies there. */
export const PLUGIN_KINDS = {
  os: 'new-linux',
  board: 'new-module',
  strategy: 'new-way',
  action: 'new-step',
} as const;

export type PluginKind = keyof typeof PLUGIN_KINDS;

export function isPluginKind(text: string): text is PluginKind {
  return Object.hasOwn(PLUGIN_KINDS, text);
}
