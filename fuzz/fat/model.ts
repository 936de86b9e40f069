import { contentOf, fillName } from '../content.js';
import type { Operation } from './operation.js';

/** An operation that changes one thing, so that it happens as a whole or not at all. */
export type Step = Exclude<Operation, { kind: 'fill-directory' | 'empty-directory' }>;

/** A file or directory as the model keeps it. */
export interface ModelNode {
  readonly name: string;
  /** Undefined for directories. */
  readonly content: Buffer | undefined;
  readonly mtime: Date;
  /** By folded name; empty for files. */
  readonly children: Map<string, ModelNode>;
}

/** Where a path leads in the model. */
interface Place {
  readonly parent: ModelNode;
  readonly name: string;
  readonly node: ModelNode | undefined;
}

/** What a FAT filesystem should be after edits: a tree in memory whose names do not tell upper from lower case. */
export class FatModel {
  readonly root: ModelNode = directory('', new Date(0));

  constructor(private readonly now: Date) {}

  /** Puts a file or, without content, a directory where nothing was. */
  add(path: string, content: Buffer | undefined, mtime: Date): void {
    const place = this.#place(path);
    if (typeof place === 'string') throw new Error(`${path}: ${place}`);
    const { parent, name } = place;
    parent.children.set(foldName(name), { name, content, mtime, children: new Map() });
  }

  /** The single steps of an operation, in the state that the model is in. */
  stepsOf(operation: Operation): Step[] {
    if (operation.kind === 'fill-directory')
      return Array.from({ length: operation.count }, (_, index) => ({
        kind: 'write' as const,
        path: join(operation.path, fillName(index, operation.length)),
        size: index % 7,
        seed: index,
      }));
    if (operation.kind !== 'empty-directory') return [operation];
    const node = this.find(operation.path);
    const names = node?.content === undefined ? [...(node?.children.values() ?? [])] : [];
    return names
      .filter((child, index) => index % operation.step === 0 && child.content !== undefined)
      .map(({ name }) => ({ kind: 'remove' as const, path: join(operation.path, name) }));
  }

  /** The node at a path. */
  find(path: string): ModelNode | undefined {
    let node = this.root;
    for (const name of namesOf(path)) node = node.children.get(foldName(name)) ?? NOTHING;
    return node === NOTHING ? undefined : node;
  }

  /** A path as the names in it are written. */
  canonical(path: string): string {
    let at = '';
    let node = this.root;
    for (const name of namesOf(path)) {
      node = node.children.get(foldName(name)) ?? NOTHING;
      at += `/${node === NOTHING ? name : node.name}`;
    }
    return at;
  }

  /** The code that a step must fail with, or what carries it out here. */
  plan(step: Step): string | (() => void) {
    const place = this.#place(step.path);
    if (typeof place === 'string') return place;
    const { parent, name, node } = place;
    const put = (file: Omit<ModelNode, 'name' | 'children'>) => () =>
      parent.children.set(foldName(name), { ...file, name: node?.name ?? name, children: new Map() });
    switch (step.kind) {
      case 'write':
      case 'write-stream': {
        if (node && node.content === undefined) return 'IMAGE_IS_A_DIRECTORY';
        const mtime = ('mtime' in step ? step.mtime : undefined) ?? this.now;
        return put({ content: contentOf(step.seed, step.size), mtime });
      }
      case 'append':
      case 'append-stream':
        if (!node) return 'IMAGE_PATH_NOT_FOUND';
        if (node.content === undefined) return 'IMAGE_IS_A_DIRECTORY';
        return put({
          content: Buffer.concat([node.content, contentOf(step.seed, step.size)]),
          mtime: this.now,
        });
      case 'mkdir':
        if (node) return 'IMAGE_PATH_EXISTS';
        return () => parent.children.set(foldName(name), directory(name, this.now));
      case 'remove':
        if (!node) return 'IMAGE_PATH_NOT_FOUND';
        if (node.children.size > 0) return 'IMAGE_DIRECTORY_NOT_EMPTY';
        return () => parent.children.delete(foldName(name));
      case 'set-time':
        if (!node) return 'IMAGE_PATH_NOT_FOUND';
        return () => parent.children.set(foldName(name), { ...node, mtime: step.mtime });
      case 'rename':
        return this.#planRename(step.from, place);
    }
  }

  #planRename(from: string, to: Place): string | (() => void) {
    const source = this.#place(from);
    if (typeof source === 'string') return source;
    const { node } = source;
    if (!node) return 'IMAGE_PATH_NOT_FOUND';
    if (contains(node, to.parent)) return 'IMAGE_PATH_INVALID';
    const replaced = to.node === node ? undefined : to.node;
    if (replaced) {
      if (node.content === undefined && replaced.content !== undefined) return 'IMAGE_NOT_A_DIRECTORY';
      if (node.content !== undefined && replaced.content === undefined) return 'IMAGE_IS_A_DIRECTORY';
      if (replaced.children.size > 0) return 'IMAGE_DIRECTORY_NOT_EMPTY';
    }
    return () => {
      source.parent.children.delete(foldName(source.name));
      to.parent.children.set(foldName(to.name), { ...node, name: to.name });
    };
  }

  #place(path: string): Place | string {
    const names = namesOf(path);
    const name = names.pop();
    if (name === undefined) return 'the root';
    let parent = this.root;
    for (const step of names) {
      const next = parent.children.get(foldName(step));
      if (!next) return 'IMAGE_PATH_NOT_FOUND';
      if (next.content !== undefined) return 'IMAGE_NOT_A_DIRECTORY';
      parent = next;
    }
    return { parent, name, node: parent.children.get(foldName(name)) };
  }
}

const NOTHING = directory('', new Date(0));

function directory(name: string, mtime: Date): ModelNode {
  return { name, content: undefined, mtime, children: new Map() };
}

function contains(node: ModelNode, other: ModelNode): boolean {
  return node === other || [...node.children.values()].some((child) => contains(child, other));
}

/** The form by which names are compared. */
export function foldName(name: string): string {
  return Array.from(name, (letter) => (letter === 'ß' ? letter : letter.toUpperCase())).join('');
}

function join(directory: string, name: string): string {
  return directory === '/' ? `/${name}` : `${directory}/${name}`;
}

/** The components of a path. */
export function namesOf(path: string): string[] {
  return path.split('/').filter((name) => name !== '');
}
