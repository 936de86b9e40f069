const COMMENT = / -m comment --comment (?:"[^"]*"|\S+)/;

/**
 * Whether connections that others begin are turned away when no rule has let them in.
 *
 * @param text - what `iptables -S` prints
 */
export function closedByIptables(text: string): boolean {
  const lines = text.split('\n').map((line) => line.replace(COMMENT, ''));
  if (lines.includes('-P INPUT DROP')) return true;
  // A rule with a condition says nothing of what comes from a node.
  const forAll = lines.flatMap((line) => {
    const [, chain, target] = /^-A (\S+) -[jg] (\S+)(?: --reject-with \S+)?$/.exec(line) ?? [];
    return chain === undefined || target === undefined ? [] : [{ chain, target }];
  });
  const closes = (chain: string, seen: ReadonlySet<string>): boolean =>
    !seen.has(chain) &&
    forAll.some(
      (rule) =>
        rule.chain === chain &&
        (rule.target === 'DROP' ||
          rule.target === 'REJECT' ||
          closes(rule.target, new Set([...seen, chain]))),
    );
  return closes('INPUT', new Set());
}
