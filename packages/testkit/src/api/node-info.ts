import { NODE_IDS } from '@turingpi/core/plugin';
import type { StoredNodeInfo } from '../hardware/stored-settings.js';
import { jsonError, type JsonNode, JsonTextError, parseJsonText } from '../http/json-text.js';
import { emptyReply, envelope, type Reply, textReply } from '../http/reply.js';
import type { ApiContext, ApiType } from './api-context.js';

const NAMES = NODE_IDS.map((id) => `Node${id}`);

/** `type=node_info`, read: what users noted about the slots (bmc-api.md §5.3). */
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
export function storeNodeInfo(context: ApiContext, contentType: string | undefined, body: string): Reply {
  if (!/^application\/(?:[\w.-]+\+)?json\b/i.test(contentType ?? ''))
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
  if (root.kind !== 'object') throw jsonError(`invalid type: ${root.kind}, expected a map`, root.end);
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

function parseNode(node: JsonNode): Partial<StoredNodeInfo> {
  if (node.kind !== 'object')
    throw jsonError(`invalid type: ${node.kind}, expected struct NodeInfo`, node.end);
  const change: Partial<StoredNodeInfo> = {};
  for (const { key, value } of node.entries) {
    if (value.kind === 'null') continue;
    if (key === 'name' || key === 'module_name') {
      if (value.kind !== 'string')
        throw jsonError(`invalid type: ${value.kind}, expected a string`, value.end);
      change[key] = value.value;
    } else if (key === 'uart_baud') {
      if (value.kind !== 'number') throw jsonError(`invalid type: ${value.kind}, expected u32`, value.end);
      change.uart_baud = value.value;
    }
  }
  return change;
}
