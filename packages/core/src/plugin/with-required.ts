import type { Plugin } from './define-plugin.js';

/** All plugins, those that are only required by others first, each once. One in the list stands for its name. */
export function withRequired(plugins: readonly Plugin[]): Plugin[] {
  const seen = new Set(plugins.map(({ name }) => name));
  const requiredBy = (plugin: Plugin): Plugin[] =>
    (plugin.requires ?? []).flatMap((required) => {
      if (seen.has(required.name)) return [];
      seen.add(required.name);
      return [...requiredBy(required), required];
    });
  return [...plugins.flatMap(requiredBy), ...plugins];
}
