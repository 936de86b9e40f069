import type { FileAttributes } from '../filesystem/file-system.js';
import { partsIdentity } from './recorded-content.js';
import type { RecordedDirectory, RecordedNode } from './recorded-node.js';

/** One difference from the base, JSON-safe. */
export type RecordedChange = Readonly<Record<string, unknown>>;

/**
 * What differs from the base below a directory, sorted by path: the effect of the operations, not their order.
 *
 * @param path - Where the directory is, without a slash at its end.
 */
export function listChanges(directory: RecordedDirectory, path = ''): RecordedChange[] {
  const children = [...directory.children.entries()].sort(([a], [b]) => (a < b ? -1 : 1));
  return children.flatMap(([, { name, node }]) => {
    const at = `${path}/${name}`;
    if (node === undefined) return [{ path: at, removed: true }];
    const own = changeOf(node, at);
    const below = node.type === 'directory' ? listChanges(node, at) : [];
    return [...(own === undefined ? [] : [own]), ...below];
  });
}

function changeOf(node: RecordedNode, path: string): RecordedChange | undefined {
  const isNew = node.origin === undefined;
  const content = node.type === 'file' && node.parts !== undefined ? partsIdentity(node.parts) : undefined;
  const target = node.type === 'symlink' ? node.target : undefined;
  const attributes = renderAttributes(node, isNew);
  const isMoved = !isNew && node.origin !== path;
  if (!isNew && !isMoved && content === undefined && Object.keys(attributes).length === 0) return undefined;
  return {
    path,
    type: node.type,
    ...(isNew ? { new: true } : {}),
    ...(isMoved ? { from: node.origin } : {}),
    ...(content === undefined ? {} : { content }),
    ...(target === undefined ? {} : { target }),
    ...attributes,
  };
}

/** For something new the defaults count as said, so that saying them makes no difference. */
function renderAttributes({ type, attributes }: RecordedNode, isNew: boolean): Record<string, unknown> {
  const defaults: FileAttributes =
    isNew && type !== 'symlink' ? { mode: type === 'directory' ? 0o755 : 0o644, uid: 0, gid: 0 } : {};
  const { mtime, ...rest } = { ...defaults, ...attributes };
  return { ...rest, ...(mtime === undefined ? {} : { mtime: mtime.toISOString() }) };
}
