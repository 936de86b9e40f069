/** Keys whose texts say what kind of thing is used, and nothing about whom or where. */
const KINDS: ReadonlySet<string> = new Set([
  ...[
    'board',
    'os',
    'strategy',
    'over',
    'stateStore',
    'mode',
    'timezone',
    'locale',
    'prefixLength',
    'backend',
  ],
]);

/**
 * What a configuration is made of, for somebody who is to understand it without knowing it: its keys, numbers, and kinds of
 * things; every other text is only said to be there.
 */
export function configurationShape(value: unknown, key = ''): unknown {
  if (typeof value === 'string')
    return KINDS.has(key) ? value : `(${value.length === 0 ? 'empty ' : ''}text)`;
  if (Array.isArray(value)) return value.map((member: unknown) => configurationShape(member, key));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [name, configurationShape(member, name)]),
  );
}
