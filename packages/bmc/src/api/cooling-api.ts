import { z } from 'zod';
import type { BmcSession } from '../session/bmc-session.js';
import type { CallOptions } from '../session/call-options.js';
import { getCall, okSchema, setCall } from './bmc-call.js';
import { resultOf } from './reply.js';

/** A fan. */
export interface CoolingDevice {
  readonly device: string;
  readonly speed: number;
  readonly maxSpeed: number;
}

const coolingSchema = z.array(
  z
    .object({ device: z.string(), speed: z.number(), max_speed: z.number() })
    .transform(({ device, speed, max_speed }): CoolingDevice => ({ device, speed, maxSpeed: max_speed })),
);

/** Fans (API reference, section 5.4). Firmware 2.3 and newer. */
export class CoolingApi {
  constructor(private readonly session: BmcSession) {}

  async get(options: CallOptions = {}): Promise<readonly CoolingDevice[]> {
    return resultOf(await this.session.call(getCall('cooling', {}, options)), coolingSchema, 'cooling');
  }

  /** @throws BmcError BMC_COOLING_REFUSED for an unknown device or too high a speed */
  async set(device: string, speed: number, options: CallOptions = {}): Promise<void> {
    const call = setCall('cooling', { device, speed }, { ...options, idempotent: true });
    resultOf(await this.session.call(call), okSchema, `speed of ${device}`);
  }
}
