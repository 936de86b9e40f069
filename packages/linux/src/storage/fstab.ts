/** A filesystem that is mounted at every boot. */
export interface FstabEntry {
  readonly device: string;
  readonly path: string;
  readonly type: string;
  readonly options: string;
}

/** The text of an fstab in which an entry is the only one for its path; what is there of it keeps its place. */
export function withFstabEntry(text: string, { device, path, type, options }: FstabEntry): string {
  const isNetwork = /^(nfs|cifs|ceph|glusterfs)/.test(type);
  const line = [device, path, type, options, '0', isNetwork ? '0' : '2'].join(' ');
  const lines = linesOf(text);
  const at = lines.findIndex((one) => pathOf(one) === path);
  if (at < 0) return joined([...lines, line]);
  if (
    fieldsOf(lines[at] ?? '').join(' ') === line &&
    lines.filter((one) => pathOf(one) === path).length === 1
  )
    return text;
  return joined(lines.flatMap((one, index) => (index === at ? [line] : pathOf(one) === path ? [] : [one])));
}

/** The text of an fstab that mounts nothing at a path. */
export function withoutFstabEntry(text: string, path: string): string {
  const lines = linesOf(text);
  const kept = lines.filter((line) => pathOf(line) !== path);
  return kept.length === lines.length ? text : joined(kept);
}

function pathOf(line: string): string | undefined {
  return line.trim().startsWith('#') ? undefined : fieldsOf(line)[1];
}

function fieldsOf(line: string): readonly string[] {
  return line.trim().split(/\s+/);
}

function linesOf(text: string): readonly string[] {
  return text === '' ? [] : text.replace(/\n$/, '').split('\n');
}

function joined(lines: readonly string[]): string {
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`;
}
