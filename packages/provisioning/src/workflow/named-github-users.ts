/**
 * Which accounts on GitHub a configuration names as `sshKeys`, of all nodes or of one; as it is written, right or wrong.
 *
 * @param input - of the whole configuration
 */
export function namedGithubUsers(input: unknown): readonly string[] {
  const workflow = valueOf(input, 'workflow');
  const nodes = valueOf(workflow, 'nodes');
  const own: readonly unknown[] = typeof nodes === 'object' && nodes !== null ? Object.values(nodes) : [];
  const parts = [workflow, ...own];
  const users = parts.flatMap((part) => {
    const keys = valueOf(valueOf(part, 'user'), 'sshKeys');
    return Array.isArray(keys) ? keys.map((key: unknown) => valueOf(key, 'github')) : [];
  });
  return [...new Set(users.filter((user) => typeof user === 'string'))];
}

function valueOf(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined;
}
