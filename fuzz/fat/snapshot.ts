import { createHash } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import type { FileSystem } from '@turingpi/image';
import { foldName, type FatModel, type ModelNode } from './model.js';

/** All that two filesystems are compared by, as one line of text for each path. */
export type Snapshot = ReadonlyMap<string, string>;

/** Reads a whole filesystem with our driver. */
export async function snapshotWithDriver(fs: FileSystem, times: boolean): Promise<Snapshot> {
  const snapshot = new Map<string, string>();
  const visit = async (path: string): Promise<void> => {
    for (const { name, type } of await fs.list(path || '/')) {
      const at = `${path}/${name}`;
      const stat = await fs.lstat(at);
      if (stat?.type !== type) throw new Error(`${at} is listed as a ${type} but is not one`);
      if (type === 'directory') {
        snapshot.set(at, 'directory');
        await visit(at);
        continue;
      }
      const content = await fs.readFile(at, { maxBytes: 1 << 30 });
      snapshot.set(at, fileLine(content, times ? stat.mtime : undefined));
    }
  };
  await visit('');
  return snapshot;
}

/** Reads a directory of this computer that a filesystem was extracted into. */
export function snapshotOfDirectory(root: string, times: boolean): Snapshot {
  const snapshot = new Map<string, string>();
  const visit = (path: string): void => {
    for (const name of readdirSync(root + path)) {
      const at = `${path}/${name}`;
      const stat = lstatSync(root + at);
      if (stat.isDirectory()) {
        snapshot.set(at, 'directory');
        visit(at);
      } else snapshot.set(at, fileLine(readFileSync(root + at), times ? stat.mtime : undefined));
    }
  };
  visit('');
  return snapshot;
}

/** What the model says. */
export function snapshotOfModel(model: FatModel, times: boolean): Snapshot {
  const snapshot = new Map<string, string>();
  const visit = (node: ModelNode, path: string): void => {
    for (const child of node.children.values()) {
      const at = `${path}/${child.name}`;
      snapshot.set(
        at,
        child.content ? fileLine(child.content, times ? child.mtime : undefined) : 'directory',
      );
      visit(child, at);
    }
  };
  visit(model.root, '');
  return snapshot;
}

/** The same with all letters large. */
export function withFoldedNames(snapshot: Snapshot): Snapshot {
  return new Map([...snapshot].map(([path, line]) => [foldName(path), line]));
}

/** Fails with what differs. */
export function assertSame(what: string, actual: Snapshot, expected: Snapshot): void {
  const differences: string[] = [];
  for (const path of new Set([...actual.keys(), ...expected.keys()])) {
    if (actual.get(path) === expected.get(path)) continue;
    differences.push(`${path}: ${actual.get(path) ?? 'missing'} | ${expected.get(path) ?? 'missing'}`);
  }
  if (differences.length > 0) throw new Error(`${what}:\n${differences.slice(0, 10).join('\n')}`);
}

function fileLine(content: Buffer, mtime: Date | undefined): string {
  const digest = createHash('sha256').update(content).digest('hex').slice(0, 16);
  return `file ${content.length} ${digest} ${mtime?.toISOString() ?? ''}`;
}
