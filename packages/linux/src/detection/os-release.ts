/** Reads `os-release` (or another file of shell assignments): keys and unquoted values. */
export function parseOsRelease(text: string): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  for (const line of text.split('\n')) {
    const match = /^\s*([A-Za-z_][A-Za-z0-9_]*)=(.*?)\s*$/.exec(line);
    if (match?.[1] === undefined || match[2] === undefined) continue;
    const quoted = /^(["'])(.*)\1$/.exec(match[2]);
    values.set(match[1], (quoted?.[2] ?? match[2]).replace(/\\(["'$`\\])/g, '$1'));
  }
  return values;
}
