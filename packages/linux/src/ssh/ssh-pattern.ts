/** A pattern with `*` and `?` as an expression for the whole of a name (PATTERNS of ssh_config(5)). */
export function patternOf(pattern: string): RegExp {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`, 's');
}

/** Whether a name is in a list of patterns with commas; one with `!` before it that fits takes the name out. */
export function isInPatternList(name: string, list: string): boolean {
  let found = false;
  for (const pattern of list.split(',').filter((item) => item !== '')) {
    const negated = pattern.startsWith('!');
    if (!patternOf(negated ? pattern.slice(1) : pattern).test(name)) continue;
    if (negated) return false;
    found = true;
  }
  return found;
}
