import { stat } from 'node:fs/promises';
import { type ConfigIssue, resolvePath } from '@turingpi/core/plugin';

import type { PostInstallAction } from '../action/post-install-action.js';
import { actionOfStep, inputOfStep } from '../action/step.js';
import type { DeclarativeNodePart } from './declarative-schema.js';
import type { BaseImageSource } from '@turingpi/image';

/** Where a node's base image is named, and what is said there. */
export interface NamedBaseImage {
  readonly path: readonly PropertyKey[];
  readonly source: BaseImageSource;
}

interface NamedFile {
  readonly path: readonly PropertyKey[];
  readonly written: string;
  readonly kind: 'file' | 'directory' | 'either';
  /** The error that it would end in later. */
  readonly code?: string;
}

/** Finds files and folders of this computer that are named and not there. Paths of the issues start in the section. */
export async function checkNamedFiles(
  part: DeclarativeNodePart,
  base: NamedBaseImage | undefined,
  { baseDir, actions }: { readonly baseDir: string; readonly actions: readonly PostInstallAction[] },
): Promise<ConfigIssue[]> {
  const found = await Promise.all(namedFiles(part, base, actions).map((file) => check(file, baseDir)));
  return found.filter((issue) => issue !== undefined);
}

function namedFiles(
  part: DeclarativeNodePart,
  base: NamedBaseImage | undefined,
  actions: readonly PostInstallAction[],
): NamedFile[] {
  const files = salvaged(part.files).flatMap(
    ([index, { source, template, sourceDirectory }]): NamedFile[] => [
      ...named(['files', index, 'source'], source, 'file'),
      ...named(['files', index, 'template'], template, 'file'),
      ...named(['files', index, 'sourceDirectory'], sourceDirectory, 'directory'),
    ],
  );
  const steps = salvaged(part.postInstall).flatMap(([index, step]) => {
    const action = actionOfStep(step, actions);
    return action === undefined ? [] : [{ index, action, input: inputOfStep(action, step) }];
  });
  // What is done on this computer may make files that are not there before.
  const made = steps.find(({ action }) => action.place === 'local')?.index ?? Number.POSITIVE_INFINITY;
  const copies = steps
    .filter(({ index }) => index < made)
    .flatMap(({ index, action, input }) =>
      (action.localFiles?.(input) ?? []).flatMap(({ path, file }) =>
        named(['postInstall', index, action.id, ...path], file, 'either'),
      ),
    );
  const image = typeof base?.source === 'string' ? named(base.path, base.source, 'file') : [];
  const images = image.map((file) => ({ ...file, code: 'IMAGE_NOT_FOUND' }));
  return [...images, ...files, ...copies];
}

/** Entries that are right by themselves; the others are told by the schema. */
function salvaged<T>(entries: readonly (T | undefined)[] | undefined): [number, T][] {
  return (entries ?? []).flatMap((entry, index) =>
    entry === undefined ? [] : [[index, entry] as [number, T]],
  );
}

function named(
  path: readonly PropertyKey[],
  written: string | undefined,
  kind: NamedFile['kind'],
): NamedFile[] {
  return written === undefined ? [] : [{ path, written, kind }];
}

async function check(file: NamedFile, baseDir: string): Promise<ConfigIssue | undefined> {
  const absolute = resolvePath(baseDir, file.written);
  const problem = await problemOf(absolute, file.kind);
  if (problem === undefined) return undefined;
  const { path, code } = file;
  return { path, message: `names ${absolute}, which ${problem}`, ...(code === undefined ? {} : { code }) };
}

async function problemOf(file: string, kind: NamedFile['kind']): Promise<string | undefined> {
  try {
    const found = await stat(file);
    if (kind === 'file' && found.isDirectory()) return 'is a directory';
    return kind === 'directory' && !found.isDirectory() ? 'is no directory' : undefined;
  } catch (error) {
    const missing = ['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '');
    return missing ? 'does not exist' : 'cannot be reached';
  }
}
