import { readFile } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import type { InputChange } from '@turingpi/foundation';
import {
  changedFiles,
  type ChangedFile,
  ImageError,
  type ImageRecording,
} from '@turingpi/image/customization';
import type { DerivedAction } from './reconfiguration.js';

type Operation = ImageRecording['operations'][number];
type Content = Extract<Operation, { readonly content: unknown }>['content'];

/** What becomes of the files that an image's builder was told to make. */
export interface FilesInPlace {
  readonly changes: readonly InputChange[];
  /** Undefined where one of them needs another image. */
  readonly actions: readonly DerivedAction[] | undefined;
}

/** Said of a file that the configuration does not name any more. */
const LEFT = 'left on the node as it is';

/**
 * How files that an image would have come onto a node that runs.
 *
 * @param before - what was done to the image of the node; undefined: nothing, or it is not known
 * @param after - what is asked for now
 * @param all - also what has not changed is looked at: a run has begun to change some of it
 */
export function filesInPlace(
  before: ImageRecording | undefined,
  after: ImageRecording | undefined,
  all: boolean,
): FilesInPlace {
  const changed = new Map(changedFiles(before, after).map((file) => [file.path, file.change]));
  const byPath = operationsByPath(after);
  const paths = [...new Set([...changed.keys(), ...(all ? byPath.keys() : [])])];
  const files = paths.map((path) => {
    const change = changed.get(path);
    const actions = change === 'removed' ? [] : actionsOf(byPath.get(path) ?? []);
    return { path, actions, change: change && shown(path, change, actions !== undefined) };
  });
  const isPossible = files.every(({ actions }) => actions !== undefined);
  return {
    changes: files.flatMap(({ change }) => (change === undefined ? [] : [change])),
    // In the order of the recording: what a path needs was done before it.
    actions: isPossible
      ? [...byPath.keys()].flatMap((path) => files.find((file) => file.path === path)?.actions ?? [])
      : undefined,
  };
}

function shown(path: string, change: ChangedFile['change'], isPossible: boolean): InputChange {
  return {
    name: `file ${path}`,
    before: change === 'added' ? 'not set' : 'set',
    after: change === 'added' ? 'set' : change === 'removed' ? 'not set' : 'changed',
    takesEffect: isPossible ? 'in place' : 'by a reinstallation',
    ...(change === 'removed' && { note: LEFT }),
  };
}

function operationsByPath(recording: ImageRecording | undefined): ReadonlyMap<string, readonly Operation[]> {
  const byPath = new Map<string, Operation[]>();
  for (const operation of recording?.operations ?? []) {
    const { partition, path } = operation;
    const name = partition === 'root' ? path : `${partition}:${path}`;
    byPath.set(name, [...(byPath.get(name) ?? []), operation]);
  }
  return byPath;
}

/** The actions that do to a path of a node what is done to it in an image; undefined where there are none. */
function actionsOf(operations: readonly Operation[]): readonly DerivedAction[] | undefined {
  const actions = operations.map((operation) =>
    // Where another partition is mounted, and what is read of it only at boot, its image does not tell.
    operation.partition === 'root' ? actionOf(operation) : undefined,
  );
  return actions.every((action) => action !== undefined) ? actions : undefined;
}

function actionOf(operation: Operation): DerivedAction | undefined {
  const { path } = operation;
  switch (operation.call) {
    case 'writeFile': {
      const { content, attributes } = operation;
      const { mode, uid, gid } = attributes;
      const owner = uid === undefined && gid === undefined ? undefined : `${uid ?? 0}:${gid ?? 0}`;
      const input = async () => ({ path, content: await contentOf(content), mode, owner, keep: true });
      return { action: 'write', input };
    }
    case 'mkdir': {
      const { mode, uid, gid } = operation.attributes;
      const owner = uid === undefined && gid === undefined ? undefined : `${uid ?? 0}:${gid ?? 0}`;
      return { action: 'mkdir', input: () => ({ path, mode, owner }) };
    }
    case 'symlink': {
      const { target } = operation;
      return { action: 'symlink', input: () => ({ path, target, force: true }) };
    }
    case 'remove':
      if (!/^\/[^/]+\/./.test(path)) return undefined; // what is directly below / is not removed from a node that runs
      return { action: 'remove', input: () => ({ paths: [path], recursive: true }) };
    default:
      return undefined; // done twice, it is another file than done once
  }
}

/** @throws ImageError `IMAGE_SOURCE_CHANGED` for a file of this computer that is another one than was recorded. */
async function contentOf(content: Content): Promise<Uint8Array> {
  if (content.kind === 'bytes') return content.bytes;
  const bytes = await readFile(content.source).catch(() => undefined);
  if (bytes !== undefined && createHash('sha256').update(bytes).digest('hex') === content.sha256)
    return bytes;
  throw new ImageError('IMAGE_SOURCE_CHANGED', `${content.source} was changed since this run began`, {
    hint: 'Run again: it is read anew.',
  });
}
