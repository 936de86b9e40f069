import { NODE_IDS, type NodeId } from '@turingpi/foundation';
import { envelope, ok } from '../http/reply.js';
import { RequestError } from '../http/request-error.js';
import type { ApiType } from './api-context.js';

/** `type=power`: the stored intent, one-based names (docs/reference/bmc-protocol.md, "Power"). */
export const power: ApiType = {
  get: ({ hardware }) =>
    envelope([
      Object.fromEntries(NODE_IDS.map((id) => [`node${id}`, hardware.settings.power[id - 1] ? '1' : '0'])),
    ]),
  set: async ({ hardware }, query) => {
    const wanted: [NodeId, boolean][] = [];
    for (const id of NODE_IDS) {
      const value = query.get(`node${id}`);
      if (value === undefined) continue;
      if (value !== '0' && value !== '1')
        throw new RequestError(400, `Invalid value \`${value}\` for parameter \`node${id}\``);
      wanted.push([id, value === '1']);
    }
    if (wanted.length === 0)
      throw new RequestError(500, 'Failed to set power state: Condition failed: `mask != 0` (0 vs 0)');
    for (const [id, on] of wanted) await hardware.setPower(id, on);
    return ok();
  },
};

/** `type=reset`. */
export const reset: ApiType = {
  set: async ({ hardware }, query) => {
    await hardware.reset(query.node());
    return ok();
  },
};
