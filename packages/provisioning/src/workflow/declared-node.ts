import type { NodeId } from '@turingpi/foundation';
import type { Node } from '@turingpi/core/plugin';
import type { NamedBaseImage } from './check-named-files.js';
import type { DeclarativeNodePart, DeclarativeWorkflow } from './declarative-schema.js';
import { defined } from './defined.js';
import type { NetworkConfig } from '../image/network-config.js';
import { networkOfNode } from '../image/network-of-node.js';

/** Lists of which a node's own entries come after the common ones. */
const LISTS = ['files', 'postInstall'] as const;
/** Steps around an installation, of which the same holds. */
const HOOKS = ['beforeErase', 'afterInstall'] as const;
/** Sections of which a node's own keys replace the common ones, one by one. */
const SECTIONS = ['user', 'network', 'install'] as const;

/** Which node is meant: nodes of several boards have one workflow. */
export interface DeclaredNode {
  readonly id: NodeId;
  /** Name of its board, where the configuration has several. */
  readonly board: string | undefined;
}

/** What is written for a node, and where: for all, for this number on every board, for this one; the later wins. */
function layersOf(
  { baseImages: _, nodes, ...common }: DeclarativeWorkflow,
  { id, board }: DeclaredNode,
): readonly { readonly path: readonly string[]; readonly part: DeclarativeNodePart }[] {
  const keys = [`node${id}` as const, ...(board === undefined ? [] : [`${board}/${id}`])];
  const own = keys.flatMap((key) => {
    const part = (nodes as Readonly<Record<string, DeclarativeNodePart | undefined>>)[key];
    return part === undefined ? [] : [{ path: ['nodes', key], part }];
  });
  return [{ path: [], part: common }, ...own];
}

/** What the section says for one node: the common part with the node's own over it. */
export function mergedPart(workflow: DeclarativeWorkflow, node: DeclaredNode): DeclarativeNodePart {
  return layersOf(workflow, node)
    .map(({ part }) => part)
    .reduce((common, own) => ({
      ...common,
      ...own,
      user: { ...common.user, ...own.user },
      network: { ...common.network, ...own.network },
      install: { ...common.install, ...own.install },
      hooks: {
        beforeErase: [...(common.hooks?.beforeErase ?? []), ...(own.hooks?.beforeErase ?? [])],
        afterInstall: [...(common.hooks?.afterInstall ?? []), ...(own.hooks?.afterInstall ?? [])],
      },
      files: [...(common.files ?? []), ...(own.files ?? [])],
      postInstall: [...(common.postInstall ?? []), ...(own.postInstall ?? [])],
    }));
}

/** Where in the section a key of the {@link mergedPart} of a node was written. */
export function originOf(
  workflow: DeclarativeWorkflow,
  node: DeclaredNode,
  keys: readonly PropertyKey[],
): readonly PropertyKey[] {
  const layers = layersOf(workflow, node);
  const [first, second] = keys;
  if (first === 'baseImages') return keys;
  const list = listAt(keys);
  if (list !== undefined) {
    const [index, ...rest] = keys.slice(list.path.length);
    let before = 0;
    for (const { path, part } of layers) {
      const own = Number(index) - before;
      const count = list.of(part)?.length ?? 0;
      if (own < count) return [...path, ...list.path, own, ...rest];
      before += count;
    }
  }
  const isSection = SECTIONS.some((section) => section === first);
  const said = layers.findLast(({ part }) => {
    const value = (part as Readonly<Record<string, unknown>>)[String(first)];
    return isSection
      ? (value as Record<string, unknown> | undefined)?.[String(second)] !== undefined
      : value !== undefined;
  });
  return [...(said?.path ?? []), ...keys];
}

/** The list that a path leads into, of those that are laid one behind the other. */
function listAt([first, second]: readonly PropertyKey[]):
  | {
      readonly path: readonly PropertyKey[];
      readonly of: (part: DeclarativeNodePart) => readonly unknown[] | undefined;
    }
  | undefined {
  for (const key of LISTS) if (first === key) return { path: [key], of: (part) => part[key] };
  for (const key of HOOKS)
    if (first === 'hooks' && second === key) return { path: ['hooks', key], of: ({ hooks }) => hooks?.[key] };
  return undefined;
}

/** The base image of one node: its own, else that of its operating system and board, else of its operating system. */
export function baseImageOf(
  workflow: DeclarativeWorkflow,
  node: DeclaredNode,
  { os, board }: { readonly os: string; readonly board: string },
): NamedBaseImage | undefined {
  const own = mergedPart(workflow, node).baseImage;
  if (own !== undefined) return { path: ['baseImage'], source: own };
  for (const key of [`${os}/${board}`, os]) {
    const source = workflow.baseImages[key];
    if (source !== undefined) return { path: ['baseImages', key], source };
  }
  return undefined;
}

/** What is told to the image builder about a node's network. */
export function networkOf(node: Node, part: DeclarativeNodePart): NetworkConfig {
  return { ...networkOfNode(node), ...defined({ ...part.network }) };
}
