import { NODE_IDS } from '@turingpi/foundation';
import type { StoredNodeInfo } from '../hardware/stored-settings.js';
import {
  invalidType,
  isWholeNumber,
  jsonError,
  type JsonNode,
  JsonTextError,
  parseJsonText,
} from '../http/json-text.js';
import { emptyReply, envelope, type Reply, textReply } from '../http/reply.js';
import type { ApiContext, ApiType } from './api-context.js';

const NAMES = NODE_IDS.map((id) => `Node${id}`);

/** `type=node_info`, read: what users noted about the slots (docs/reference/bmc-protocol.md, "Information"). */
export const nodeInfo: ApiType = {
  since23: true,
  get: ({ hardware }) =>
    envelope(
      NODE_IDS.map((id) => {
        const stored = hardware.settings.nodes[id - 1];
        return {
          module_name: stored?.module_name ?? null,
          name: stored?.name ?? null,
          power_on_time: hardware.secondsOn(id) ?? null,
          uart_baud: stored?.uart_baud ?? null,
        };
      }),
    ),
};

/** `POST opt=set&type=node_info`: given fields change, none can be cleared. */
export function storeNodeInfo(context: ApiContext, contentType: string | undefined, body: Buffer): Reply {
  // By the subtype alone: `text/json` will do.
  if (!/^[\w.-]+\/(?:[\w.-]+\+)?json\s*(?:;|$)/i.test(contentType ?? ''))
    return textReply('Content type error', 400);
  let changes: ReadonlyMap<number, Partial<StoredNodeInfo>>;
  try {
    changes = parseChanges(parseJsonText(body));
  } catch (cause) {
    if (!(cause instanceof JsonTextError)) throw cause;
    return textReply(`Json deserialize error: ${cause.message}`, 400);
  }
  for (const [index, change] of changes) {
    const stored = context.hardware.settings.nodes[index];
    if (stored) Object.assign(stored, change);
  }
  context.hardware.settingsChanged();
  return emptyReply(200);
}

function parseChanges(root: JsonNode): ReadonlyMap<number, Partial<StoredNodeInfo>> {
  const changes = new Map<number, Partial<StoredNodeInfo>>();
  if (root.kind !== 'object') throw invalidType(root, 'a map');
  for (const { key, keyEnd, value } of root.entries) {
    const index = NAMES.indexOf(key);
    if (index < 0) {
      const expected = NAMES.map((name) => `\`${name}\``).join(', ');
      throw jsonError(`unknown variant \`${key}\`, expected one of ${expected}`, keyEnd);
    }
    changes.set(index, parseNode(value));
  }
  return changes;
}

const LARGEST: Readonly<Record<'u32' | 'u64', bigint>> = { u32: 2n ** 32n - 1n, u64: 2n ** 64n - 1n };

function parseNode(node: JsonNode): Partial<StoredNodeInfo> {
  if (node.kind !== 'object') throw invalidType(node, 'struct NodeInfo');
  const change: Partial<StoredNodeInfo> = {};
  const seen = new Set<string>();
  for (const { key, keyEnd, value } of node.entries) {
    if (!FIELDS.has(key)) continue;
    // A field counts as given also when it is null; a node that is given twice counts the last time.
    if (seen.has(key)) throw jsonError(`duplicate field \`${key}\``, keyEnd);
    seen.add(key);
    if (value.kind === 'null') continue;
    if (key === 'name' || key === 'module_name') {
      if (value.kind !== 'string') throw invalidType(value, 'a string');
      change[key] = value.value;
    } else {
      const number = parseNumber(value, key === 'uart_baud' ? 'u32' : 'u64');
      if (key === 'uart_baud') change.uart_baud = number;
    }
  }
  return change;
}

const FIELDS: ReadonlySet<string> = new Set(['name', 'module_name', 'uart_baud', 'power_on_time']);

function parseNumber(value: JsonNode, type: 'u32' | 'u64'): number {
  if (value.kind !== 'number' || !isWholeNumber(value.text)) throw invalidType(value, type);
  const number = BigInt(value.text);
  if (number < 0n || number > LARGEST[type])
    throw jsonError(`invalid value: integer \`${value.text}\`, expected ${type}`, value.end);
  return Number(number);
}
