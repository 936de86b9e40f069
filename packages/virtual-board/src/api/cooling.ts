import { parseUnsigned } from '../http/query.js';
import { envelope, ok } from '../http/reply.js';
import { RequestError } from '../http/request-error.js';
import type { ApiType } from './api-context.js';

/** `type=cooling` (docs/reference/bmc-protocol.md, "Fans"). */
export const cooling: ApiType = {
  since23: true,
  get: ({ identity, coolingSpeeds, profile }) =>
    envelope(
      identity.cooling.map(({ device, speed, maxSpeed }) =>
        profile.fork
          ? {
              device,
              max_speed: maxSpeed,
              overridden: coolingSpeeds.has(device),
              speed: coolingSpeeds.get(device) ?? speed,
              zone: 'thermal_zone0',
            }
          : { device, speed: coolingSpeeds.get(device) ?? speed, max_speed: maxSpeed },
      ),
    ),
  set: ({ identity, coolingSpeeds, profile }, query) => {
    const refused = profile.fork ? 400 : 500;
    const name = query.get('device');
    if (name === undefined) throw new RequestError(400, 'Missing `device` parameter');
    const text = query.get('speed');
    if (text === undefined) throw new RequestError(400, 'Missing `speed` parameter');
    const speed = parseUnsigned(text, 64);
    if (speed === undefined) throw new RequestError(400, '`speed` parameter is not a number');
    const device = identity.cooling.find((one) => one.device === name);
    if (!device)
      throw new RequestError(
        refused,
        `Failed to set Cooling state: cooling device: \`${name}\` does not exist`,
      );
    if (speed > BigInt(device.maxSpeed)) {
      const message = `given speed '${String(speed)}' exceeds maximum speed of '${device.maxSpeed}'`;
      throw new RequestError(refused, `Failed to set Cooling state: ${message}`);
    }
    // The fork's kernel takes back within seconds what is not held.
    if (profile.fork && query.get('mode') !== 'manual') coolingSpeeds.delete(name);
    else coolingSpeeds.set(name, Number(speed));
    return ok();
  },
};
