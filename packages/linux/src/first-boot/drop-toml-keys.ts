const HEADER = /^\s*\[\[?\s*([A-Za-z0-9_.-]+)\s*\]\]?\s*(?:#.*)?$/;
const KEY = /^\s*([A-Za-z0-9_.-]+)\s*=\s*(.*)$/;

/** A TOML text without some of its keys. */
export interface DroppedToml {
  /** Undefined when nothing is left that says anything. */
  readonly text: string | undefined;
  /** The keys that were there, as `table.key`. */
  readonly dropped: readonly string[];
}

/**
 * Leaves out keys of a TOML file, or whole tables, and keeps everything else as it is written.
 *
 * @remarks For settings files of Raspberry Pi OS, which have tables of plain keys and lists of texts.
 * @param keys - for example `user` (a table) or `system.hostname`
 */
export function dropTomlKeys(text: string, keys: readonly string[]): DroppedToml {
  const isDropped = (path: string): boolean => keys.some((key) => path === key || path.startsWith(`${key}.`));
  const kept: string[] = [];
  const dropped: string[] = [];
  let table = '';
  let dropsList = false; // inside the lines of a list that is left out
  for (const line of text.split('\n')) {
    if (dropsList) {
      dropsList = !/\]\s*(?:#.*)?$/.test(line);
      continue;
    }
    const header = HEADER.exec(line)?.[1];
    if (header !== undefined) table = header;
    const [, key, value = ''] = KEY.exec(line) ?? [];
    const path = header ?? [table, key].filter(Boolean).join('.');
    if (!isDropped(path)) {
      kept.push(line);
      continue;
    }
    if (key !== undefined) dropped.push(path);
    dropsList = key !== undefined && value.startsWith('[') && !/\]\s*(?:#.*)?$/.test(value);
  }
  const says = kept.some((line) => KEY.test(line) && !/^\s*config_version\s*=/.test(line));
  return { text: says ? kept.join('\n') : undefined, dropped };
}
