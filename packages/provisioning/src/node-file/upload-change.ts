import { stat } from 'node:fs/promises';
import type { SshSession } from '@turingpi/runtime';
import type { PendingChange } from '../action/looking-action.js';
import { sha256Of } from './file-change.js';
import { lookAtPath } from './node-file.js';

/** A file of this computer as it is to be on a node. */
export interface UploadedFile {
  readonly path: string;
  /** On this computer. */
  readonly source: string;
  /** Permission bits. */
  readonly mode: number;
  /** The digest of its content, hex; asked for where the sizes are the same. */
  readonly sha256: () => Promise<string>;
}

/** Compares a file of a node with one of this computer. @returns What has to be done; undefined when it is there already. */
export async function uploadChange(
  node: SshSession,
  { path, source, mode, sha256 }: UploadedFile,
  signal: AbortSignal,
): Promise<PendingChange | undefined> {
  const found = await lookAtPath(node, path, { signal });
  const isAlike = found?.type === 'file' && found.mode === mode && found.ownerIds === '0:0';
  if (isAlike && found.size === (await stat(source)).size)
    if ((await sha256Of(node, path, signal)) === (await sha256())) return undefined;
  return { make: () => node.upload(source, path, { signal, mode, sudo: true }) };
}
