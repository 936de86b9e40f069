import { NODE_IDS, type NodeId } from '@turingpi/foundation';
import { z } from 'zod';
import type { BmcSession } from '../session/bmc-session.js';
import type { CallOptions } from '../session/call-options.js';
import { getCall, okSchema, setCall, wireNode } from './bmc-call.js';
import { resultOf } from './reply.js';

/** What the BMC has stored for a node. It is the intent, not the measured rail. */
export type PowerState = 'on' | 'off' | 'unknown';
export type PowerStates = Readonly<Record<NodeId, PowerState>>;

const bit = z.union([z.string(), z.number()]);
const powerSchema = z
  .array(z.object({ node1: bit, node2: bit, node3: bit, node4: bit }))
  .min(1)
  .transform((list) => list[0]);

/** Power of the nodes (docs/reference/bmc-protocol.md, "Power"). */
export class PowerApi {
  constructor(private readonly session: BmcSession) {}

  async get(options: CallOptions = {}): Promise<PowerStates> {
    const bits = resultOf(await this.session.call(getCall('power', {}, options)), powerSchema, 'power');
    return {
      1: stateOf(bits?.node1),
      2: stateOf(bits?.node2),
      3: stateOf(bits?.node3),
      4: stateOf(bits?.node4),
    };
  }

  /** Switches the named nodes and leaves the others alone. */
  async set(change: Partial<Record<NodeId, boolean>>, options: CallOptions = {}): Promise<void> {
    const parameters: Record<string, string> = {};
    for (const id of NODE_IDS) {
      const on = change[id];
      if (on !== undefined) parameters[`node${id}`] = on ? '1' : '0';
    }
    if (Object.keys(parameters).length === 0) return; // the BMC refuses a change of nothing with status 500
    const call = setCall('power', parameters, { ...options, idempotent: true });
    resultOf(await this.session.call(call), okSchema, 'power');
  }

  on(node: NodeId, options?: CallOptions): Promise<void> {
    return this.set({ [node]: true }, options);
  }

  off(node: NodeId, options?: CallOptions): Promise<void> {
    return this.set({ [node]: false }, options);
  }

  /**
   * Off for a second, then on.
   *
   * @remarks The BMC does not store it: a node that was off is then on, while {@link get} still says off.
   */
  async reset(node: NodeId, options: CallOptions = {}): Promise<void> {
    const call = setCall('reset', { node: wireNode(node) }, { ...options, idempotent: false });
    resultOf(await this.session.call(call), okSchema, `reset of node ${node}`);
  }
}

function stateOf(value: string | number | undefined): PowerState {
  if (String(value) === '1') return 'on';
  return String(value) === '0' ? 'off' : 'unknown';
}
