import {
  appendFileSync,
  chmodSync,
  linkSync,
  lchownSync,
  lstatSync,
  lutimesSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmdirSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { contentOf, fillName, targetOf } from '../content.js';
import { pathsTo, type Attributes, type Operation } from './operation.js';

const DEFAULTS = { file: 0o644, directory: 0o755 } as const;

/**
 * Carries the same edit out with the kernel, below the mount point `root`.
 *
 * @param parts - Of an edit that makes several files, only so many.
 */
export function applyNatively(root: string, operation: Operation, parts = Infinity): void {
  let left = parts;
  const path = root + operation.path;
  switch (operation.kind) {
    case 'write':
      writeNatively(path, contentOf(operation.seed, operation.size), operation.attributes);
      return;
    case 'write-stream':
      writeNatively(path, contentOf(operation.seed, operation.size), {});
      return;
    case 'append':
    case 'append-stream':
      lstatSync(path); // our driver does not make files here
      appendFileSync(path, contentOf(operation.seed, operation.size));
      return;
    case 'mkdir':
      mkdirSync(path);
      setNatively(path, { uid: 0, gid: 0, mode: DEFAULTS.directory, ...operation.attributes });
      return;
    case 'make-directories':
      for (const at of pathsTo(operation.path)) {
        if (left-- <= 0) return;
        if (lstatSync(root + at, { throwIfNoEntry: false })?.isDirectory()) continue;
        mkdirSync(root + at);
        setNatively(root + at, { uid: 0, gid: 0, mode: DEFAULTS.directory });
      }
      return;
    case 'symlink':
      symlinkSync(targetOf(operation.length), path);
      lchownSync(path, 0, 0);
      return;
    case 'link':
      linkSync(root + operation.from, path);
      return;
    case 'rename':
      renameSync(root + operation.from, path);
      return;
    case 'remove':
      if (lstatSync(path).isDirectory()) rmdirSync(path);
      else unlinkSync(path);
      return;
    case 'remove-tree':
      rmSync(path, { recursive: true, force: true });
      return;
    case 'attributes':
      setNatively(path, operation.attributes);
      return;
    case 'fill-directory':
      for (let index = 0; index < operation.count; index++) {
        const file = `${path}/${fillName(index, operation.length)}`;
        if (lstatSync(file, { throwIfNoEntry: false })) continue;
        if (left-- <= 0) return;
        writeNatively(file, contentOf(index, index % 7), {});
      }
      return;
    case 'empty-directory':
      for (const [index, name] of readdirSync(path).sort().entries()) {
        if (index % operation.step !== 0) continue;
        if (!lstatSync(`${path}/${name}`).isDirectory()) unlinkSync(`${path}/${name}`);
      }
  }
}

function writeNatively(path: string, content: Buffer, attributes: Attributes): void {
  const existing = lstatSync(path, { throwIfNoEntry: false });
  writeFileSync(path, content);
  setNatively(path, existing ? attributes : { uid: 0, gid: 0, mode: DEFAULTS.file, ...attributes });
}

function setNatively(path: string, { mode, uid, gid, mtime }: Attributes): void {
  const stat = lstatSync(path);
  const symlink = stat.isSymbolicLink();
  if (uid !== undefined || gid !== undefined) {
    lchownSync(path, uid ?? stat.uid, gid ?? stat.gid);
    // The kernel takes setuid and setgid away with the owner; our driver changes only what it is told to.
    if (mode === undefined && !symlink) chmodSync(path, stat.mode & 0o7777);
  }
  if (mode !== undefined && !symlink) chmodSync(path, mode);
  if (mtime) lutimesSync(path, mtime, mtime);
}
