import type { NodeId } from '@turingpi/foundation';
import type { Node } from '@turingpi/core/plugin';
import type { NamedBaseImage } from './check-named-files.js';
import type { DeclarativeNodePart, DeclarativeWorkflow } from './declarative-schema.js';
import { defined } from './defined.js';
import type { NetworkConfig } from '../image/network-config.js';
import { networkOfNode } from '../image/network-of-node.js';

/** Lists of which a node's own entries come after the common ones. */
const LISTS = ['files', 'postInstall'] as const;
/** Sections of which a node's own keys replace the common ones, one by one. */
const SECTIONS = ['user', 'network', 'install'] as const;

/** What the section says for one node: the common part with the node's own over it. */
export function mergedPart(workflow: DeclarativeWorkflow, id: NodeId): DeclarativeNodePart {
  const { baseImages: _, nodes, ...common } = workflow;
  const own = nodes[`node${id}`] ?? {};
  return {
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
  };
}

/** Where in the section a key of the {@link mergedPart} of a node was written. */
export function originOf(
  workflow: DeclarativeWorkflow,
  id: NodeId,
  keys: readonly PropertyKey[],
): readonly PropertyKey[] {
  const own: DeclarativeNodePart = workflow.nodes[`node${id}`] ?? {};
  const inNode = ['nodes', `node${id}`];
  const [first, second, ...rest] = keys;
  if (first === 'baseImages') return keys;
  for (const list of LISTS)
    if (first === list) {
      const common = workflow[list]?.length ?? 0;
      return Number(second) < common ? keys : [...inNode, list, Number(second) - common, ...rest];
    }
  for (const section of SECTIONS)
    if (first === section) {
      const given: Readonly<Record<string, unknown>> = own[section] ?? {};
      return given[String(second)] === undefined ? keys : [...inNode, ...keys];
    }
  return (own as Readonly<Record<string, unknown>>)[String(first)] === undefined
    ? keys
    : [...inNode, ...keys];
}

/** The base image of one node: its own, else that of its operating system and board, else of its operating system. */
export function baseImageOf(
  workflow: DeclarativeWorkflow,
  id: NodeId,
  os: string,
  board: string,
): NamedBaseImage | undefined {
  const own = workflow.nodes[`node${id}`]?.baseImage;
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
