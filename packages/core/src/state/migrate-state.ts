/**
 * Brings a document of an earlier version into the form of this one.
 *
 * @remarks Version 1 kept no named inputs, and hashed what has no meaning for the result (a path, an option). Its
 * finished phases are taken as they are: there is nothing to compare with, and nothing is done again for it.
 */
export function migrateState(value: unknown): unknown {
  if (!isObject(value) || value['version'] !== 1) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, entry]) => {
      if (key === 'version') return [key, 2];
      return /^Node[1-4]$/.test(key) && isObject(entry) ? [key, migrateNode(entry)] : [key, entry];
    }),
  );
}

function migrateNode(node: Readonly<Record<string, unknown>>): unknown {
  const installation = node['os_installation'];
  const image = node['image_customization'];
  if (!isObject(installation) || installation['status'] !== 'completed') return node;
  const output = isObject(image) ? image['output'] : undefined;
  return {
    ...node,
    os_installation: {
      ...installation,
      adopted: true,
      generation: installation['generation'] ?? 1, // later files of version 1 have it
      ...(isObject(output) ? { image: { input_hash: '', output } } : {}),
    },
  };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
