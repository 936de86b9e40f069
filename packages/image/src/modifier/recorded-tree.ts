import { assertFatName, foldName } from '../fat/fat-name.js';
import type { ReadableFileSystem } from '../filesystem/file-system.js';
import { ImageError, type ImageErrorCode } from '../image-error.js';
import { nodeOfBase, type RecordedDirectory, type RecordedNode } from './recorded-node.js';

/** A name in a directory. */
export interface RecordedPlace {
  readonly parent: RecordedDirectory;
  readonly name: string;
}

/** The names and nodes of a recorded filesystem: those of the base, fetched when they are first met, with changes over them. */
export class RecordedTree {
  readonly root: RecordedDirectory;

  /** @param base - What is changed; undefined for nothing. */
  constructor(
    private readonly base: ReadableFileSystem | undefined,
    private readonly kind: 'ext4' | 'fat',
  ) {
    this.root = {
      type: 'directory',
      origin: base === undefined ? undefined : '',
      attributes: {},
      children: new Map(),
    };
  }

  /** By what a name is found: FAT does not tell cases apart. */
  key(name: string): string {
    return this.kind === 'fat' ? foldName(name) : name;
  }

  /** What a name in a directory stands for; undefined when there is nothing. */
  async child({ parent, name }: RecordedPlace): Promise<RecordedNode | undefined> {
    const known = parent.children.get(this.key(name));
    if (known !== undefined) return known.node;
    if (parent.origin === undefined || this.base === undefined) return undefined;
    const origin = `${parent.origin}/${name}`;
    const stat = await this.base.lstat(origin);
    if (stat === undefined) return undefined;
    const node = nodeOfBase(stat.type, origin);
    parent.children.set(this.key(name), { name, node });
    return node;
  }

  /** @throws ImageError `IMAGE_NOT_A_DIRECTORY`. */
  async find(path: string): Promise<RecordedNode | undefined> {
    let node: RecordedNode | undefined = this.root;
    for (const name of path.split('/').filter((part) => part !== '')) {
      if (node === undefined) return undefined;
      if (node.type !== 'directory') throw failure('IMAGE_NOT_A_DIRECTORY', path, 'leads through a file');
      node = await this.child({ parent: node, name });
    }
    return node;
  }

  /** @throws ImageError `IMAGE_PATH_NOT_FOUND`, `IMAGE_NOT_A_DIRECTORY`. */
  async existing(path: string): Promise<RecordedNode> {
    const node = await this.find(path);
    if (node === undefined) throw failure('IMAGE_PATH_NOT_FOUND', path, 'does not exist');
    return node;
  }

  /** @throws ImageError `IMAGE_PATH_NOT_FOUND`, `IMAGE_NOT_A_DIRECTORY`. */
  async directory(path: string): Promise<RecordedDirectory> {
    const node = await this.existing(path);
    if (node.type !== 'directory') throw failure('IMAGE_NOT_A_DIRECTORY', path, 'is not a directory');
    return node;
  }

  /** Where a path is, whether or not something is there. @throws ImageError. */
  async placeOf(path: string): Promise<RecordedPlace> {
    const at = path.lastIndexOf('/');
    const name = path.slice(at + 1);
    if (name === '') throw failure('IMAGE_IS_A_DIRECTORY', path, 'is the root directory');
    return { parent: await this.directory(path.slice(0, at)), name };
  }

  /** @throws ImageError `IMAGE_PATH_INVALID` for a name that the filesystem cannot hold. */
  assertHolds({ name }: RecordedPlace, path: string): void {
    if (this.kind === 'fat') assertFatName(name, path);
  }

  /** @throws ImageError `IMAGE_PATH_INVALID`. */
  put(place: RecordedPlace, path: string, node: RecordedNode): void {
    this.assertHolds(place, path);
    const { parent, name } = place;
    parent.children.set(this.key(name), { name, node });
  }

  /** Takes a name out of a directory; what the base has there stays hidden. */
  async take({ parent, name }: RecordedPlace): Promise<void> {
    const inBase =
      parent.origin === undefined ? undefined : await this.base?.lstat(`${parent.origin}/${name}`);
    if (inBase === undefined) parent.children.delete(this.key(name));
    else parent.children.set(this.key(name), { name, node: undefined });
  }
}

/** An error about a path of a recorded filesystem. */
export function failure(code: ImageErrorCode, path: string, what: string): ImageError {
  return new ImageError(code, `${path} ${what}.`, { details: { path } });
}
