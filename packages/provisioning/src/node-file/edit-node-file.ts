import type { PendingChange } from '../action/looking-action.js';
import type { ActionEnvironment } from '../action/post-install-action.js';
import { ProvisioningError } from '../provisioning-error.js';
import { fileChange } from './file-change.js';
import { lookAtPath, resolvedPath } from './node-file.js';

/** How a file that is there already is changed. */
export interface FileEdit {
  readonly path: string;
  /** A file that is missing is made, 0644 and root's. Default: it is an error. */
  readonly create?: boolean | undefined;
  /** The text that it is to have, of the one that it has; equal texts change nothing. */
  readonly edit: (text: string) => string;
}

/**
 * Changes the text of a file of a node and keeps its mode and owner; through symbolic links, which stay.
 *
 * @throws ProvisioningError `NODE_FILE_MISSING`, `NODE_FILE_UNREADABLE`; what `edit` throws.
 */
export async function editedFile(
  { path, create = false, edit }: FileEdit,
  { session, signal }: Pick<ActionEnvironment, 'session' | 'signal'>,
): Promise<PendingChange | undefined> {
  const node = await session();
  const real = await resolvedPath(node, path, signal);
  const found = await lookAtPath(node, real, { signal });
  if (found === undefined && !create)
    throw new ProvisioningError('NODE_FILE_MISSING', `there is no ${path} on ${node.place}`, {
      hint: 'Is the package installed that brings it? `create: true` makes the file.',
    });
  const before =
    found === undefined ? '' : (await node.readFile(real, { signal, sudo: true })).toString('utf8');
  const after = edit(before);
  if (found !== undefined && after === before) return undefined;
  if (found === undefined && after === '') return undefined;
  const { mode, ownerIds: owner } = found ?? { mode: 0o644, ownerIds: '0:0' };
  return fileChange(node, { path: real, content: after, mode, owner }, signal);
}
