import { parseNodes, type NodesNamed } from '../process/node-names.js';
import { UsageError } from '../process/usage-error.js';

/** One end of a copy: a path of this computer, or of nodes. */
export interface CopyOperand {
  /** Undefined: this computer. */
  readonly nodes: NodesNamed | undefined;
  readonly path: string;
}

/** From where to where files are copied: onto nodes, or from them to this computer. */
export interface CopyOrder {
  readonly way: 'up' | 'down';
  readonly nodes: NodesNamed;
  readonly local: string;
  /** Absolute. */
  readonly remote: string;
}

/**
 * Reads an end of a copy: `2:/etc/app`, `1,3:/srv/notes`, `shelf/2:/srv`, `all:/etc/hosts`; without nodes it is here. What has
 * a `/` or a `\` right before the colon, or is a drive, is here as well, as in `./1:x` and `C:\x`.
 */
export function parseCopyOperand(text: string): CopyOperand {
  const [, before = '', path = ''] = /^([^:\\]*):(.*)$/s.exec(text) ?? [];
  if (before === '' || before.startsWith('.') || before.startsWith('/') || /^[A-Za-z]$/.test(before))
    return { nodes: undefined, path: text };
  try {
    return { nodes: parseNodes(before), path };
  } catch {
    return { nodes: undefined, path: text };
  }
}

/** What a command line says of a copy. */
export interface CopyEnds {
  readonly from: string;
  readonly to: string;
  /** What `--node` says: then `:/path` is on these nodes, and no end names others. */
  readonly nodes?: NodesNamed | undefined;
}

/** @throws UsageError when not exactly one end is on nodes, nodes are named twice, or there is no path. */
export function parseCopyOrder({ from, to, nodes: named }: CopyEnds): CopyOrder {
  const [source, target] = [from, to].map((text) => endOf(text, named)) as [CopyOperand, CopyOperand];
  const example =
    'For example: turingpi node copy ./app.conf 1,3:/etc/app.conf, or turingpi node copy 2:/etc/hosts ./hosts-of-2';
  if ((source.nodes === undefined) === (target.nodes === undefined))
    throw new UsageError(
      `one of ${from} and ${to} is on nodes, and the other one on this computer`,
      `${example}. A file of this computer whose name has a colon is ./name.`,
    );
  const [nodes, way, remote, local] =
    target.nodes === undefined
      ? [source.nodes ?? 'all', 'down' as const, source.path, target.path]
      : [target.nodes, 'up' as const, target.path, source.path];
  if (!remote.startsWith('/'))
    throw new UsageError(
      `"${remote}" is no absolute path on a node`,
      `Paths on nodes begin with /. ${example}.`,
    );
  return { way, nodes, local, remote };
}

function endOf(text: string, named: NodesNamed | undefined): CopyOperand {
  if (named === undefined) return parseCopyOperand(text);
  if (text.startsWith(':')) return { nodes: named, path: text.slice(1) };
  if (parseCopyOperand(text).nodes === undefined) return { nodes: undefined, path: text };
  throw new UsageError(
    `nodes are named twice, by ${text} and by --node`,
    'With --node the path on the nodes is :/path.',
  );
}
